import type { Modality, ScoreRow } from "@ensam/core/command";
import { dscTargets, interactions } from "./metrics.ts";
import { type Score, scoreOf } from "./score.ts";

const single = ["dscAuc", "nsdAuc", "dscFinal", "nsdFinal"] as const;
const perInteraction = ["dsc", "nsd", "seconds"] as const;
const curvesOfRow = perInteraction.length * interactions.length;
const countsOfRow = 1 + dscTargets.length;
/** Rows to a block: growing copies nothing. */
const blockRows = 1 << 14;
/** Above so many rows what is only drawn, values after each interaction, is kept in single precision. */
const mostExact = 100_000;

/** Many scores in little memory: numbers in columns, names once. */
export interface ScoreColumns {
  /** @throws Error where a row has more than six interactions */
  add(row: ScoreRow): void;
  /** Whether there is a score of the case by the model. */
  has(model: string, name: string): boolean;
  /** Whether there is a score of the case by any model. */
  hasCase(name: string): boolean;
  /** The scores by model, in the order in which models came, and in each by the case's name: the same however the rows were sharded. */
  sorted(): Score[];
}

/** @param exact  whether every number is kept as it is, however many scores there are */
export function scoreColumns({ exact }: { exact: boolean }): ScoreColumns {
  const numbers: Float64Array[] = [];
  const curves: (Float64Array | Float32Array)[] = [];
  const counts: Uint32Array[] = [];
  const cases: string[] = [];
  const words: string[] = [];
  const wordIndex = new Map<string, number>();
  const indexOf = (word: string): number => {
    const known = wordIndex.get(word);
    if (known !== undefined) return known;
    wordIndex.set(word, words.length);
    return words.push(word) - 1;
  };
  /** Of each row: model, modality, dataset, and whether it timed out. */
  const labels: Uint16Array[] = [];
  const byModel = new Map<string, Set<string>>();

  const valueAt = (blocks: readonly (Float64Array | Float32Array)[], row: number, width: number, column: number) => {
    const value = blocks[Math.floor(row / blockRows)]![(row % blockRows) * width + column]!;
    return Number.isNaN(value) ? null : value;
  };
  const numberAt = (row: number, column: number) => valueAt(numbers, row, single.length, column);
  const countAt = (row: number, column: number) =>
    counts[Math.floor(row / blockRows)]![(row % blockRows) * countsOfRow + column]!;
  const labelAt = (row: number, column: number) =>
    labels[Math.floor(row / blockRows)]![(row % blockRows) * 4 + column]!;
  const list = (row: number, key: number): (number | null)[] =>
    interactions.map((_, i) => valueAt(curves, row, curvesOfRow, key * interactions.length + i));

  /** A row as it is looked at; its values are fetched when they are asked for. */
  class StoredScore implements Score {
    readonly row: number;
    constructor(row: number) {
      this.row = row;
    }
    get case() {
      return cases[this.row]!;
    }
    get model() {
      return words[labelAt(this.row, 0)]!;
    }
    get modality() {
      return words[labelAt(this.row, 1)] as Modality;
    }
    get dataset() {
      return words[labelAt(this.row, 2)]!;
    }
    get timedOut() {
      return labelAt(this.row, 3) === 1;
    }
    get dscAuc() {
      return numberAt(this.row, 0);
    }
    get nsdAuc() {
      return numberAt(this.row, 1);
    }
    get dscFinal() {
      return numberAt(this.row, 2);
    }
    get nsdFinal() {
      return numberAt(this.row, 3);
    }
    get dsc() {
      return list(this.row, 0);
    }
    get nsd() {
      return list(this.row, 1);
    }
    get seconds() {
      return list(this.row, 2);
    }
    get objects() {
      return countAt(this.row, 0);
    }
    get clicksNeeded() {
      return dscTargets.map((_, i) => countAt(this.row, 1 + i));
    }
  }

  return {
    add(row) {
      const place = cases.length % blockRows;
      if (place === 0) {
        numbers.push(new Float64Array(blockRows * single.length));
        const Values = exact || cases.length < mostExact ? Float64Array : Float32Array;
        curves.push(new Values(blockRows * curvesOfRow));
        counts.push(new Uint32Array(blockRows * countsOfRow));
        labels.push(new Uint16Array(blockRows * 4));
      }
      const score = scoreOf(row);
      const [block, curve, count, label] = [numbers.at(-1)!, curves.at(-1)!, counts.at(-1)!, labels.at(-1)!];
      for (const [i, key] of single.entries()) block[place * single.length + i] = score[key] ?? Number.NaN;
      for (const [k, key] of perInteraction.entries()) {
        const start = place * curvesOfRow + k * interactions.length;
        for (let i = 0; i < interactions.length; i++) curve[start + i] = score[key][i] ?? Number.NaN;
      }
      count.set([score.objects, ...score.clicksNeeded], place * countsOfRow);
      label.set(
        [indexOf(score.model), indexOf(score.modality), indexOf(score.dataset), score.timedOut ? 1 : 0],
        place * 4,
      );
      cases.push(score.case);
      const names = byModel.get(score.model);
      if (names === undefined) byModel.set(score.model, new Set([score.case]));
      else names.add(score.case);
    },
    has: (model, name) => byModel.get(model)?.has(name) === true,
    hasCase: (name) => [...byModel.values()].some((names) => names.has(name)),
    sorted() {
      const rank = new Map([...byModel.keys()].map((model, i) => [indexOf(model), i]));
      const order = Uint32Array.from(cases, (_, row) => row).sort(
        (a, b) => rank.get(labelAt(a, 0))! - rank.get(labelAt(b, 0))! || compareText(cases[a]!, cases[b]!),
      );
      const scores = new Array<Score>(order.length);
      for (const [i, row] of order.entries()) scores[i] = new StoredScore(row);
      return scores;
    },
  };
}

/** By code units, so that the order is the same in every locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
