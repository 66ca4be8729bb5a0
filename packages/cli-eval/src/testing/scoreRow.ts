import type { ScoreRow } from "@ensam/core/command";

/** A score row of one label for tests: its Dice after each interaction, surface Dice the same unless given. */
export function scoreRow(fields: Partial<ScoreRow> & { dsc: (number | null)[] }): ScoreRow {
  const { dsc, nsd = dsc } = fields;
  const auc = (values: readonly (number | null)[]) => {
    const [, a, b, c, d, e] = values.map((value) => value ?? 0) as [number, number, number, number, number, number];
    return (a + e) / 2 + b + c + d;
  };
  return {
    type: "score",
    case: "CT_a_1",
    modality: "CT",
    dataset: "CT_a",
    model: "m",
    nsd,
    dscAuc: auc(dsc),
    nsdAuc: auc(nsd),
    dscFinal: dsc[5]!,
    nsdFinal: nsd[5]!,
    seconds: [2, 1, 1, 1, 1, 1],
    classes: [{ label: 1, dsc, nsd }],
    timedOut: false,
    ...fields,
  };
}
