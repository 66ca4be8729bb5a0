import { groupBy } from "@ensam/core/command";
import { randomStream } from "@ensam/core/voxels";

/** What the choice needs of a case row. */
export interface BalancedRow {
  readonly dataset: string;
  readonly labels: Readonly<Record<string, unknown>>;
}

/** A part of the training data: all its datasets together get this share of an epoch. */
export interface Part<Row extends BalancedRow> {
  readonly rows: readonly Row[];
  readonly share: number;
}

/** A dataset's weight grows with the square root of its objects between these bounds: near-uniform, but no one case is all. */
const objectBounds = { least: 4, most: 64 };

/**
 * An epoch of about `count` rows in which parts have their shares, datasets near-uniform weights inside of a part, and
 * rows of a dataset weights by their objects. Rows occur several times or not at all; what a fraction of an occurrence
 * comes to is drawn.
 */
export function balanceRows<Row extends BalancedRow>(parts: readonly Part<Row>[], count: number, seed: number): Row[] {
  const random = randomStream(seed, "balance");
  return parts.flatMap(({ rows, share }) => {
    const datasets = [...groupBy(rows, ({ dataset }) => dataset).values()];
    const weights = datasets.map((dataset) => Math.sqrt(bounded(objectsOf(dataset))));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return datasets.flatMap((dataset, i) => spread(dataset, (count * share * weights[i]!) / total, random.float()));
  });
}

/** Systematic sampling: rows in order, each as often as marks at equal distances fall onto its objects. */
function spread<Row extends BalancedRow>(rows: readonly Row[], count: number, start: number): Row[] {
  const chosen: Row[] = [];
  const distance = objectsOf(rows) / count;
  let [mark, end] = [start * distance, 0];
  for (const row of rows) {
    end += objectsOf([row]);
    for (; mark < end; mark += distance) chosen.push(row);
  }
  return chosen;
}

function objectsOf(rows: readonly BalancedRow[]): number {
  return rows.reduce((sum, { labels }) => sum + Object.keys(labels).length, 0);
}

function bounded(objects: number): number {
  return Math.min(objectBounds.most, Math.max(objectBounds.least, objects));
}
