import { mean } from "@ensam/core/scoring";
import type { Picturable } from "../evaluation.ts";

export type Place = "best" | "median" | "worst" | "only";

/** An object to be shown: one case, one label, by all models that have the case. */
export interface Shown {
  readonly place: Place;
  readonly label: number;
  readonly byModel: readonly Picturable[];
}

/**
 * Chooses the best, the median and the worst case of a modality by DSC AUC (mean over models) and in each the object
 * that was segmented best, middling or worst. Fewer cases give fewer choices.
 */
export function chooseCases(picturable: readonly Picturable[]): Shown[] {
  const cases = new Map<string, Picturable[]>();
  for (const item of picturable) cases.set(item.score.case, [...(cases.get(item.score.case) ?? []), item]);
  const models = Math.max(0, ...[...cases.values()].map((items) => items.length));
  const complete = [...cases.values()].filter((items) => items.length === models);
  const ranked = ranking(complete, (items) => mean(items.map(({ score }) => score.dscAuc ?? 0)));
  return places(ranked.length).map(([place, rank]) => {
    const byModel = ranked[rank]!;
    return { place, label: labelAt(byModel, place), byModel };
  });
}

/** A case that was asked for by its name, with its middling object. */
export function shownCase(byModel: readonly Picturable[]): Shown {
  return { place: "only", label: labelAt(byModel, "only"), byModel };
}

/** Ranks in a list sorted from worst to best. */
function places(count: number): [Place, number][] {
  if (count === 0) return [];
  if (count === 1) return [["only", 0]];
  const ends: [Place, number][] = [
    ["best", count - 1],
    ["worst", 0],
  ];
  return count === 2 ? ends : [ends[0]!, ["median", Math.floor((count - 1) / 2)], ends[1]!];
}

function labelAt(byModel: readonly Picturable[], place: Place): number {
  const labels = byModel[0]!.score.classes.map(({ label }) => label);
  const value = (label: number) =>
    mean(
      byModel.map(({ score }) =>
        mean(
          score.classes
            .find((known) => known.label === label)!
            .dsc.slice(1)
            .map((dsc) => dsc ?? 0),
        ),
      ),
    );
  const ranked = ranking(labels, value);
  const rank = place === "best" ? ranked.length - 1 : place === "worst" ? 0 : Math.floor((ranked.length - 1) / 2);
  return ranked[rank]!;
}

function ranking<Item>(items: readonly Item[], value: (item: Item) => number): Item[] {
  return items
    .map((item) => [value(item), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}
