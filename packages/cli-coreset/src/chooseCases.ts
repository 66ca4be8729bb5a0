import { randomStream } from "@ensam/core/voxels";
import { commonCeiling } from "./waterFilling.ts";

/** What the choice looks at in a case. */
export interface Candidate {
  readonly case: string;
  readonly modality: string;
  readonly dataset: string;
}

export interface ChoiceRules {
  /** Most cases to choose. */
  readonly budget: number;
  /** Whether large datasets share what small ones leave of the budget. */
  readonly fill: boolean;
  readonly excludeDatasets: readonly string[];
  readonly excludeModalities: readonly string[];
  readonly seed: number;
}

export interface Choice {
  /** Highest number of cases one dataset gives; Infinity if the budget is filled and everything fits. */
  readonly ceiling: number;
  /** For each candidate, in the order given, why it is left out; undefined if it is chosen. */
  readonly leftOut: readonly (string | undefined)[];
}

/**
 * Chooses near-equally many cases per dataset within a budget: every dataset gives all it has up to a common ceiling,
 * budget / N for N eligible datasets (ENSAM §2.5). With `fill` it is the highest ceiling that keeps the budget.
 * Inside a dataset the cases are put in the order of their names and shuffled by seed and dataset name, so the choice
 * depends neither on the order of the candidates nor on the other datasets.
 */
export function chooseCases(candidates: readonly Candidate[], rules: ChoiceRules): Choice {
  const leftOut = candidates.map((candidate) => exclusionOf(candidate, rules));
  const byDataset = new Map<string, number[]>();
  for (const [index, { dataset }] of candidates.entries()) {
    if (leftOut[index] !== undefined) continue;
    const indices = byDataset.get(dataset);
    if (indices === undefined) byDataset.set(dataset, [index]);
    else indices.push(index);
  }
  const sizes = [...byDataset.values()].map((indices) => indices.length);
  const ceiling = rules.fill ? commonCeiling(sizes, rules.budget) : Math.floor(rules.budget / sizes.length);
  const giving = ceiling > 0 ? undefined : luckyDatasets([...byDataset.keys()], rules);
  for (const [dataset, indices] of byDataset) {
    const most = giving === undefined ? ceiling : giving.has(dataset) ? 1 : 0;
    const ordered = indices.toSorted((a, b) => compare(candidates[a]!.case, candidates[b]!.case) || a - b);
    const shuffled = randomStream(rules.seed, "coreset", dataset).shuffle(ordered);
    const reason = `over the ceiling: ${dataset} gives ${most} of ${indices.length}`;
    for (const index of shuffled.slice(most)) leftOut[index] = reason;
  }
  return { ceiling: giving === undefined ? ceiling : 1, leftOut };
}

/** Fewer cases than datasets: as many datasets as the budget allows give one each. */
function luckyDatasets(datasets: readonly string[], { budget, seed }: ChoiceRules): Set<string> {
  return new Set(randomStream(seed, "coreset datasets").shuffle(datasets.toSorted(compare)).slice(0, budget));
}

function exclusionOf({ dataset, modality }: Candidate, rules: ChoiceRules): string | undefined {
  if (rules.excludeModalities.includes(modality)) return `modality ${modality} is excluded`;
  if (rules.excludeDatasets.includes(dataset)) return `dataset ${dataset} is excluded`;
  return undefined;
}

/** By code units, so that the order is the same in every locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
