import { groupBy } from "@ensam/core/command";
import { percentileInterval } from "@ensam/core/scoring";
import { randomStream } from "@ensam/core/voxels";
import { markdownRows } from "../markdownRows.ts";
import { datasetTable, type Scored } from "./datasetTable.ts";

/** A model's mean over datasets, then modalities, after the box and each click, with the middle 95 % of its resamples. */
export interface OverallCurve {
  readonly model: string;
  readonly points: readonly { readonly mean: number; readonly low: number; readonly high: number }[];
}

/**
 * The curves of all models, each with a bootstrap interval (Efron 1979): the cases of each dataset are drawn with
 * replacement, the same draws for every model. The datasets are taken as they are, so the interval says nothing of
 * other datasets, and one with a single case adds nothing to its width.
 */
export function overallCurves(rows: readonly Scored[], resamples = 2000, seed = 1): OverallCurve[] {
  const random = randomStream(seed);
  const cases = groupBy(rows, ({ modality, dataset, case: name }) => `${modality} ${dataset} ${name}`);
  const datasets = [...groupBy([...cases.values()], ([row]) => `${row!.modality} ${row!.dataset}`).values()];
  const means = overall(rows);
  const drawn = new Map([...means].map(([model, points]) => [model, points.map((): number[] => [])]));
  for (let i = 0; i < resamples; i++) {
    const sample = datasets.flatMap((dataset) => dataset.map(() => dataset[random.int(0, dataset.length)]!)).flat();
    for (const [model, points] of overall(sample)) {
      for (const [k, value] of points.entries()) drawn.get(model)![k]?.push(value);
    }
  }
  return [...means].map(([model, points]) => ({
    model,
    points: points.map((mean, k) => {
      if (Number.isNaN(mean)) return { mean, low: mean, high: mean };
      const [low, high] = percentileInterval(Float64Array.from(drawn.get(model)![k]!));
      return { mean, low, high };
    }),
  }));
}

/** A line for each model: mean and interval after the box and each click. */
export function curvesMarkdown(measure: string, curves: readonly OverallCurve[]): string {
  const rounds = Math.max(...curves.map(({ points }) => points.length));
  const head = [
    `${measure}, all modalities`,
    ...Array.from({ length: rounds }, (_, i) => (i === 0 ? "box" : `click ${i}`)),
  ];
  const cells = ({ points }: OverallCurve) =>
    Array.from({ length: rounds }, (_, i) => {
      const point = points[i];
      if (point === undefined || Number.isNaN(point.mean)) return "-";
      return `${point.mean.toFixed(3)} (${point.low.toFixed(3)} to ${point.high.toFixed(3)})`;
    });
  const body = curves.map((curve) => [curve.model, ...cells(curve)]);
  return markdownRows(head, body);
}

/** By model, NaN for an interaction that there was not. */
function overall(rows: readonly Scored[]): Map<string, number[]> {
  const { dsc } = datasetTable(rows).at(-1)!;
  return new Map([...dsc].map(([model, values]) => [model, values.map((value) => value ?? Number.NaN)]));
}
