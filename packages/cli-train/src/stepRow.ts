import type { SkipRow, StepRow } from "@ensam/core/command";
import { tf } from "@ensam/core/tensors";
import type { TrainingEvent } from "@ensam/core/training";
import { meanScores } from "./validate.ts";

/**
 * The log row of an optimizer step: means over its samples, sums of their times and voxels, the update's time with
 * them.
 */
export function stepRow(event: TrainingEvent & { type: "step" }, epochsDone: number): StepRow {
  const { step, learningRate, gradientNorm, records } = event;
  const mean = (value: (record: (typeof records)[number]) => number) => sum(value) / records.length;
  const sum = (value: (record: (typeof records)[number]) => number) =>
    records.reduce((total, record) => total + value(record), 0);
  const waitingSeconds = sum((record) => record.waitingSeconds);
  const seconds = sum((record) => record.seconds) + waitingSeconds + event.seconds;
  const voxels = sum((record) => record.voxels);
  return {
    type: "step",
    step,
    epoch: epochsDone,
    loss: mean((record) => record.loss),
    dice: mean((record) => record.dice),
    crossEntropy: mean((record) => record.crossEntropy),
    dsc: meanScores(records.map((record) => record.dsc)),
    gradientNorm,
    learningRate,
    seconds,
    waitingSeconds,
    samples: records.length,
    voxels,
    samplesPerSecond: records.length / seconds,
    memoryBytes: process.memoryUsage.rss(),
    ...deviceMemory(),
    cases: records.map((record) => record.case),
  };
}

/** The log row of a step that was left out. */
export function skipRow(event: TrainingEvent & { type: "skip" }, epochsDone: number): SkipRow {
  const { step, gradientNorm, inARow, records } = event;
  return {
    type: "skip",
    step: step + 1,
    epoch: epochsDone,
    reason: `gradients: expected a finite length, got ${gradientNorm}`,
    inARow,
    cases: records.map((record) => record.case),
  };
}

/** Most bytes that tensors took together so far, where the device counts them. */
function deviceMemory(): { peakDeviceBytes?: number } {
  const { peakHeapBytes } = tf.memory() as { peakHeapBytes?: number };
  return peakHeapBytes === undefined ? {} : { peakDeviceBytes: peakHeapBytes };
}
