import { type Modality, modalities, type ScoreRow } from "@ensam/core/command";
import { dscTargets, interactions } from "./metrics.ts";
import { type RowBlocks, rowBlocks } from "./rowBlocks.ts";
import { clicksNeededOf, type Score } from "./score.ts";
import type { ColumnKey, GroupKey, Scores } from "./scores.ts";
import { textPool } from "./textPool.ts";

const single = ["dscAuc", "nsdAuc", "dscFinal", "nsdFinal"] as const;
const perInteraction = ["dsc", "nsd", "seconds"] as const;
/** Above so many rows what is only drawn, values after each interaction, is kept in single precision. */
const mostExact = 100_000;

/** Many scores in little memory: numbers in columns, names once. */
export interface ScoreColumns {
  add(row: ScoreRow): void;
  /** Whether there is a score of the case by the model. */
  has(model: string, name: string): boolean;
  /** Whether there is a score of the case by any model. */
  hasCase(name: string): boolean;
  /** The scores by model, in the order in which models came, and in each by the case's name: the same however the rows were sharded. */
  sorted(): Scores;
}

/** @param exact  whether every number is kept as it is, however many scores there are */
export function scoreColumns({ exact }: { exact: boolean }): ScoreColumns {
  let count = 0;
  const numbers = rowBlocks(single.length, (length) => new Float64Array(length));
  const curves = rowBlocks(perInteraction.length * interactions.length, (length, firstRow) =>
    exact || firstRow < mostExact ? new Float64Array(length) : new Float32Array(length),
  );
  /** Objects, then clicks for each target. */
  const counts = rowBlocks(1 + dscTargets.length, (length) => new Uint32Array(length));
  /** Case, model, dataset, and 1 + the row before of the same case (0: none). */
  const links = rowBlocks(4, (length) => new Uint32Array(length));
  /** Modality, and whether it timed out. */
  const labels = rowBlocks(2, (length) => new Uint8Array(length));
  const cases = textPool();
  /** 1 + the last row of each case. */
  const lastRows = rowBlocks(1, (length) => new Uint32Array(length));
  const models = wordList();
  const datasets = wordList();

  const caseAt = (row: number) => links.at(row, 0);
  const groupings: Record<GroupKey, { words: readonly string[]; indexAt: (row: number) => number }> = {
    model: { words: models.words, indexAt: (row) => links.at(row, 1) },
    modality: { words: modalities, indexAt: (row) => labels.at(row, 0) },
    dataset: { words: datasets.words, indexAt: (row) => links.at(row, 2) },
  };
  const wordAt = (key: GroupKey, row: number): string => groupings[key].words[groupings[key].indexAt(row)]!;

  const placeOf = (key: ColumnKey, i: number): [columns: RowBlocks, place: number] => {
    if (key === "objects") return [counts, 0];
    if (key === "clicksNeeded") return [counts, 1 + i];
    if (key === "dsc" || key === "nsd" || key === "seconds") {
      return [curves, perInteraction.indexOf(key) * interactions.length + i];
    }
    return [numbers, single.indexOf(key)];
  };
  const valueAt = (row: number, key: ColumnKey, i = 0): number | null => {
    const [columns, place] = placeOf(key, i);
    const value = columns.at(row, place);
    return Number.isNaN(value) ? null : value;
  };
  const curveAt = (row: number, key: "dsc" | "nsd" | "seconds") => interactions.map((_, i) => valueAt(row, key, i));

  /** A row as it is looked at; its values are fetched when they are asked for. */
  class StoredScore implements Score {
    readonly row: number;
    constructor(row: number) {
      this.row = row;
    }
    get case() {
      return cases.at(caseAt(this.row));
    }
    get model() {
      return wordAt("model", this.row);
    }
    get modality() {
      return wordAt("modality", this.row) as Modality;
    }
    get dataset() {
      return wordAt("dataset", this.row);
    }
    get timedOut() {
      return labels.at(this.row, 1) === 1;
    }
    get dscAuc() {
      return valueAt(this.row, "dscAuc");
    }
    get nsdAuc() {
      return valueAt(this.row, "nsdAuc");
    }
    get dscFinal() {
      return valueAt(this.row, "dscFinal");
    }
    get nsdFinal() {
      return valueAt(this.row, "nsdFinal");
    }
    get dsc() {
      return curveAt(this.row, "dsc");
    }
    get nsd() {
      return curveAt(this.row, "nsd");
    }
    get seconds() {
      return curveAt(this.row, "seconds");
    }
    get objects() {
      return counts.at(this.row, 0);
    }
  }

  class StoredScores implements Scores {
    readonly rows: Uint32Array;
    constructor(rows: Uint32Array) {
      this.rows = rows;
    }
    get length() {
      return this.rows.length;
    }
    *[Symbol.iterator]() {
      for (const row of this.rows) yield new StoredScore(row);
    }
    by(key: GroupKey) {
      const { words, indexAt } = groupings[key];
      const lengths = new Uint32Array(words.length);
      const came: number[] = [];
      for (const row of this.rows) if (lengths[indexAt(row)]!++ === 0) came.push(indexAt(row));
      if (came.length === 1) return new Map([[words[came[0]!]!, this]]);
      const groups = new Map(came.map((index) => [index, new Uint32Array(lengths[index]!)]));
      for (const row of this.rows) {
        const index = indexAt(row);
        const group = groups.get(index)!;
        group[group.length - lengths[index]!--] = row;
      }
      return new Map(Array.from(groups, ([index, group]) => [words[index]!, new StoredScores(group)]));
    }
    column(key: ColumnKey, i = 0) {
      const [columns, place] = placeOf(key, i);
      const column = new Float64Array(this.rows.length);
      for (let k = 0; k < column.length; k++) column[k] = columns.at(this.rows[k]!, place);
      return column;
    }
    ofCasesOf(others: StoredScores) {
      const rowOfCase = new Uint32Array(cases.size);
      for (const row of this.rows) rowOfCase[caseAt(row)] = row + 1;
      const found = others.rows.map((row) => rowOfCase[caseAt(row)]!);
      let length = 0;
      for (const next of found) if (next !== 0) found[length++] = next - 1;
      return new StoredScores(found.slice(0, length));
    }
    oncePerCase() {
      const seen = new Uint8Array(cases.size);
      const firsts = new Uint32Array(this.rows.length);
      let length = 0;
      for (const row of this.rows) {
        if (seen[caseAt(row)] === 0) firsts[length++] = row;
        seen[caseAt(row)] = 1;
      }
      return length === firsts.length ? this : new StoredScores(firsts.slice(0, length));
    }
  }

  return {
    add(row) {
      for (const [i, key] of single.entries()) numbers.set(count, i, row[key] ?? Number.NaN);
      for (const [k, key] of perInteraction.entries()) {
        for (let i = 0; i < interactions.length; i++) {
          curves.set(count, k * interactions.length + i, row[key][i] ?? Number.NaN);
        }
      }
      counts.set(count, 0, row.classes.length);
      for (const [i, clicks] of clicksNeededOf(row).entries()) counts.set(count, 1 + i, clicks);
      const caseCount = cases.size;
      const name = cases.add(row.case);
      links.set(count, 0, name);
      links.set(count, 1, models.indexOf(row.model));
      links.set(count, 2, datasets.indexOf(row.dataset));
      links.set(count, 3, name < caseCount ? lastRows.at(name) : 0);
      labels.set(count, 0, modalities.indexOf(row.modality));
      labels.set(count, 1, row.timedOut ? 1 : 0);
      lastRows.set(name, 0, ++count);
    },
    has(model, name) {
      const found = cases.find(name);
      if (found === undefined) return false;
      for (let next = lastRows.at(found); next !== 0; next = links.at(next - 1, 3)) {
        if (wordAt("model", next - 1) === model) return true;
      }
      return false;
    },
    hasCase: (name) => cases.find(name) !== undefined,
    sorted() {
      const { indexAt } = groupings.model;
      const rows = new Uint32Array(count).map((_, row) => row);
      return new StoredScores(rows.sort((a, b) => indexAt(a) - indexAt(b) || cases.compare(caseAt(a), caseAt(b))));
    },
  };
}

/** Words of which there are few, by number in the order in which they came. */
function wordList() {
  const words: string[] = [];
  const indices = new Map<string, number>();
  return {
    words,
    indexOf(word: string): number {
      const index = indices.get(word);
      if (index !== undefined) return index;
      indices.set(word, words.length);
      return words.push(word) - 1;
    },
  };
}
