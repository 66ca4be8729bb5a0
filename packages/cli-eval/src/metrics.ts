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
  const found = new Set(scores.map((score) => score.modality));
  return modalityOrder.filter((modality) => found.has(modality));
}

/** Returns the models that occur, in the order they came. */
export function modelsOf(scores: readonly Pick<ScoreRow, "model">[]): string[] {
  return [...new Set(scores.map((score) => score.model))];
}

/** Returns items by a key, in the order in which keys and items came. */
export function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
