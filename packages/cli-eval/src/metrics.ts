import type { Modality, ScoreRow } from "@ensam/core/command";

/** The four numbers the challenge ranks by, in the order of the paper's Table 3. */
export const metrics = [
  { key: "dscAuc", name: "DSC AUC", max: 4 },
  { key: "nsdAuc", name: "NSD AUC", max: 4 },
  { key: "dscFinal", name: "DSC final", max: 1 },
  { key: "nsdFinal", name: "NSD final", max: 1 },
] as const satisfies readonly { key: keyof ScoreRow; name: string; max: number }[];

export type MetricKey = (typeof metrics)[number]["key"];

/** The six interactions of a case, in order. */
export const interactions = ["box", "click 1", "click 2", "click 3", "click 4", "click 5"] as const;

/** Targets of the columns "clicks needed". */
export const dscTargets = [0.8, 0.85, 0.9] as const;

/** The order in which tables list modalities; "all" comes last. */
export const modalityOrder: readonly Modality[] = ["CT", "MR", "PET", "US", "Microscopy"];

/** Returns the modalities that occur, in the order of the tables. */
export function modalitiesOf(scores: readonly Pick<ScoreRow, "modality">[]): Modality[] {
  const found = new Set<Modality>();
  for (const { modality } of scores) found.add(modality);
  return modalityOrder.filter((modality) => found.has(modality));
}

/** Returns the models that occur, in the order they came. */
export function modelsOf(scores: readonly Pick<ScoreRow, "model">[]): string[] {
  const found = new Set<string>();
  for (const { model } of scores) found.add(model);
  return [...found];
}

/** The first score of each case, whatever the model. Of one model a case has one score only: then nothing is copied. */
export function oncePerCase<Item extends Pick<ScoreRow, "case" | "model">>(scores: readonly Item[]): readonly Item[] {
  if (modelsOf(scores).length <= 1) return scores;
  const seen = new Set<string>();
  return scores.filter(({ case: name }) => {
    const isFirst = !seen.has(name);
    seen.add(name);
    return isFirst;
  });
}
