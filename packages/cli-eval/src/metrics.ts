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
