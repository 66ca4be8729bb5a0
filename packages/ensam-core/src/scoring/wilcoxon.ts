import { normalTail } from "./normalTail.ts";

export interface SignedRank {
  /** The smaller of the two sums of ranks. */
  readonly statistic: number;
  /** Two-sided. */
  readonly p: number;
  /** Pairs that differ; the others are left out. */
  readonly pairs: number;
  /** Whether p was counted out (at most 50 pairs, no ties) or taken from the normal distribution. */
  readonly exact: boolean;
}

/**
 * Wilcoxon's signed rank test (1945): do paired scores differ? Pairs without a difference are dropped, ties share their
 * mean rank and lower the variance; no continuity correction. Undefined where no pair differs.
 */
export function wilcoxonSignedRank(first: readonly number[], second: readonly number[]): SignedRank | undefined {
  if (first.length !== second.length) {
    throw new Error(`wilcoxonSignedRank: expected pairs of scores, got ${first.length} and ${second.length}`);
  }
  const differences = first.map((value, i) => value - second[i]!).filter((value) => value !== 0);
  const pairs = differences.length;
  if (pairs === 0) return undefined;
  const { ranks, tieCorrection } = rank(differences.map(Math.abs));
  const total = (pairs * (pairs + 1)) / 2;
  const positive = ranks.reduce((sum, value, i) => (differences[i]! > 0 ? sum + value : sum), 0);
  const statistic = Math.min(positive, total - positive);
  const exact = pairs <= 50 && tieCorrection === 0;
  if (exact) return { statistic, p: exactP(pairs, statistic), pairs, exact };
  const variance = (pairs * (pairs + 1) * (2 * pairs + 1) - tieCorrection / 2) / 24;
  const p = variance > 0 ? Math.min(1, 2 * normalTail((total / 2 - statistic) / Math.sqrt(variance))) : 1;
  return { statistic, p, pairs, exact };
}

/** Ranks from 1, ties sharing their mean, and the sum of t^3 - t over groups of t equal values. */
function rank(values: readonly number[]): { ranks: number[]; tieCorrection: number } {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Array<number>(values.length);
  let tieCorrection = 0;
  for (let i = 0; i < order.length; ) {
    let j = i;
    while (j < order.length && values[order[j]!] === values[order[i]!]) j++;
    for (let k = i; k < j; k++) ranks[order[k]!] = (i + 1 + j) / 2;
    tieCorrection += (j - i) ** 3 - (j - i);
    i = j;
  }
  return { ranks, tieCorrection };
}

/** Twice the share of the 2^n ways to sign ranks 1..n whose positive sum is at most the statistic. */
function exactP(n: number, statistic: number): number {
  const shares = new Float64Array((n * (n + 1)) / 2 + 1);
  shares[0] = 1;
  for (let r = 1, reached = 0; r <= n; r++) {
    reached += r;
    for (let sum = reached; sum >= 0; sum--) shares[sum] = (shares[sum]! + (sum >= r ? shares[sum - r]! : 0)) / 2;
  }
  let tail = 0;
  for (let sum = 0; sum <= statistic; sum++) tail += shares[sum]!;
  return Math.min(1, 2 * tail);
}
