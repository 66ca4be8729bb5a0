import { allowedCases } from "@ensam/core/command";
import { costs, epochs, interactions, largestSample } from "./costs.ts";

/** What is known of a case without inflating it. */
export interface PlannedCase {
  readonly dataset: string;
  readonly isExcluded: boolean;
  /** Bytes of its file. */
  readonly bytes: number;
  readonly voxels: number;
  /** Objects to segment; undefined where only its truth knows. */
  readonly objects?: number;
}

/** One line of the plan. */
export interface PlannedStage {
  readonly stage: string;
  readonly cases: number;
  /** Bytes read and written. */
  readonly reads: number;
  readonly writes: number;
  /** Seconds on two cores, and on one H200 where the stage has a model. */
  readonly seconds: number;
  readonly gpuSeconds?: number;
  /** Whether shards divide its time. */
  readonly isSharded: boolean;
}

/**
 * Returns the stages of the reproduction with what they cost.
 *
 * @param budget  most cases of the coreset, or a share of those that may be chosen such as `10%`
 */
export function planStages(
  training: readonly PlannedCase[],
  validation: readonly PlannedCase[],
  budget: string,
): PlannedStage[] {
  const chosen = coresetOf(training, budget);
  const all = [...training, ...validation];
  const mvox = (cases: readonly PlannedCase[]) => sum(cases, ({ voxels }) => voxels) / 1e6;
  const seen = ({ voxels }: PlannedCase) => Math.min(voxels, largestSample) / 1e6;
  const usual = usualObjects(validation);
  const objects = (item: PlannedCase) => item.objects ?? usual;
  const { training: step, prediction, bytes } = costs;
  return [
    {
      stage: "index",
      cases: all.length,
      reads: sum(all, (item) => item.bytes),
      writes: bytes.row * all.length,
      seconds: costs.index * mvox(all),
      isSharded: true,
    },
    {
      stage: "coreset",
      cases: chosen.count,
      reads: bytes.row * training.length,
      writes: bytes.row * chosen.count,
      seconds: costs.coresetRow * training.length,
      isSharded: false,
    },
    {
      stage: "train",
      cases: chosen.count,
      reads: epochs * chosen.share * sum(chosen.eligible, (item) => item.bytes),
      writes: bytes.run,
      seconds: epochs * chosen.share * sum(chosen.eligible, (item) => step.cpu * seen(item)),
      gpuSeconds:
        epochs * chosen.share * sum(chosen.eligible, (item) => Math.max(step.gpuLeast, step.gpu * seen(item))),
      isSharded: false,
    },
    {
      stage: "simulate",
      cases: validation.length,
      reads: sum(validation, (item) => item.bytes),
      writes: sum(validation, ({ voxels }) => bytes.predictionVoxel * voxels),
      seconds: sum(validation, (item) => {
        const model = (prediction.encoder + interactions * objects(item) * prediction.interaction) * seen(item);
        return model + (interactions * prediction.clicks * item.voxels) / 1e6;
      }),
      isSharded: true,
    },
    {
      stage: "eval",
      cases: validation.length,
      reads: sum(validation, ({ voxels }) => bytes.predictionVoxel * voxels),
      writes: bytes.scoreRow * validation.length,
      seconds: interactions * costs.scoring * mvox(validation),
      isSharded: true,
    },
    {
      stage: "report",
      cases: validation.length,
      reads: bytes.scoreRow * validation.length,
      writes: bytes.report + bytes.scoreRow * validation.length,
      seconds: 60,
      isSharded: false,
    },
  ];
}

/** How many cases the coreset has: each dataset gives what it has up to the common ceiling (cli-coreset). */
function coresetOf(training: readonly PlannedCase[], given: string) {
  const eligible = training.filter(({ isExcluded }) => !isExcluded);
  const budget = allowedCases(given, eligible.length);
  const sizes = new Map<string, number>();
  for (const { dataset } of eligible) sizes.set(dataset, (sizes.get(dataset) ?? 0) + 1);
  const ceiling = Math.max(1, Math.floor(budget / Math.max(1, sizes.size)));
  const count = Math.min(
    budget,
    sum([...sizes.values()], (size) => Math.min(size, ceiling)),
  );
  // Of each dataset the chosen part stands for the whole.
  return { count, share: eligible.length === 0 ? 0 : count / eligible.length, eligible };
}

/** The mean number of objects of the cases that say it, for those that do not. */
function usualObjects(cases: readonly PlannedCase[]): number {
  const known = cases.flatMap(({ objects }) => objects ?? []);
  return known.length === 0 ? 1 : sum(known, (count) => count) / known.length;
}

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

/** The plan as a table for people, with where its numbers come from. */
export function planTable(stages: readonly PlannedStage[], shards: number): string {
  const head = [
    "stage",
    "cases",
    "reads",
    "writes",
    "2 cores",
    ...(shards > 1 ? [`${shards} shards of 2 cores`] : []),
    "H200",
  ];
  const rows = stages.map(({ stage, cases, reads, writes, seconds, gpuSeconds, isSharded }) => [
    stage,
    String(cases),
    size(reads),
    size(writes),
    time(seconds),
    ...(shards > 1 ? [time(isSharded ? seconds / Math.min(shards, Math.max(1, cases)) : seconds)] : []),
    gpuSeconds === undefined ? "" : time(gpuSeconds),
  ]);
  const total = ["all", "", "", size(sum(stages, ({ writes }) => writes)), time(sum(stages, ({ seconds }) => seconds))];
  const lines = [head, ...rows, total];
  const widths = head.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? "").length)));
  const text = lines.map((line) =>
    line
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
  return `${text.join("\n")}

Cases, voxels and boxes are read from the files' directories; costs a voxel are a table of measurements, not of this machine:
two cores of an AMD EPYC and one NVIDIA H200 with the paper's model (docs/measurements.md, docs/scale.md). Training and prediction are upper
bounds: each sample and each volume is taken whole, while crops to the objects and to the boxes are smaller.
`;
}

function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`;
}

function time(seconds: number): string {
  if (seconds < 90) return `${Number(seconds.toPrecision(2))} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Number((seconds / 3600).toPrecision(3))} h`;
}
