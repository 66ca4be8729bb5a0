import { finite, type LogRow, scores } from "@ensam/core/runs";
import { type LastStep, type MonitorState, moreNotes, type RecentStep } from "./monitorState.ts";
import { mostInteractions, withEach, withPoints } from "./series.ts";

const recentSteps = 64;
/** A step's weight in the smoothed curves. */
const smoothing = 0.05;

type Points = [x: number, y: number][];

/** The state after rows of steps. */
export function afterSteps(state: MonitorState, rows: readonly LogRow[]): MonitorState {
  const lastRow = rows.at(-1);
  if (lastRow === undefined) return state;
  const [loss, smooth, rate]: Points[] = [[], [], []];
  const dsc: Points[] = [];
  let { step, epoch, smoothedLoss } = state;
  let seconds = state.seconds;
  const smoothedDsc = [...state.smoothedDsc];
  let notes = state.notes;
  for (const row of rows) {
    step = finite(row.step) ?? step + 1;
    epoch = finite(row.epoch) ?? epoch;
    const value = finite(row.loss);
    if (value !== undefined) {
      smoothedLoss = smoothedTo(smoothedLoss, value);
      loss!.push([step, value]);
      smooth!.push([step, smoothedLoss]);
    }
    const learningRate = finite(row.learningRate);
    if (learningRate !== undefined) rate!.push([step, learningRate]);
    scores(row.dsc)
      .slice(0, mostInteractions)
      .forEach((score, i) => {
        if (score === undefined) return;
        smoothedDsc[i] = smoothedTo(smoothedDsc[i], score);
        dsc[i] ??= [];
        dsc[i].push([step, smoothedDsc[i]!]);
      });
    seconds += finite(row.seconds) ?? 0;
    if (Array.isArray(row.pooledAgain) && row.pooledAgain.length > 0) {
      const words = `out of memory, pooled once more: ${row.pooledAgain.join(", ")}`;
      notes = moreNotes(notes, { step, kind: "warning", text: words });
    }
  }
  const { curves } = state;
  return {
    ...state,
    step,
    epoch,
    last: lastStep(lastRow),
    smoothedLoss,
    smoothedDsc: filled(smoothedDsc),
    seconds,
    notes,
    recent: [...state.recent, ...rows.slice(-recentSteps).map(recentStep)].slice(-recentSteps),
    end: undefined,
    curves: {
      ...curves,
      loss: withPoints(curves.loss, loss!),
      smoothedLoss: withPoints(curves.smoothedLoss, smooth!),
      learningRate: withPoints(curves.learningRate, rate!),
      trainingDsc: withEach(curves.trainingDsc, dsc),
    },
  };
}

function lastStep(row: LogRow): LastStep {
  return {
    loss: finite(row.loss),
    dice: finite(row.dice),
    crossEntropy: finite(row.crossEntropy),
    gradientNorm: finite(row.gradientNorm),
    learningRate: finite(row.learningRate),
    memoryBytes: finite(row.memoryBytes),
    heapBytes: finite(row.heapBytes),
    peakDeviceBytes: finite(row.peakDeviceBytes),
    cases: Array.isArray(row.cases) ? row.cases.map(String) : [],
  };
}

function recentStep(row: LogRow): RecentStep {
  return {
    seconds: finite(row.seconds) ?? 0,
    waitingSeconds: finite(row.waitingSeconds) ?? 0,
    samples: finite(row.samples) ?? 1,
    voxels: finite(row.voxels) ?? 0,
  };
}

/** Without holes, which comparison would tell from undefined. */
function filled(values: readonly (number | undefined)[]): (number | undefined)[] {
  return Array.from({ length: values.length }, (_, i) => values[i]);
}

function smoothedTo(before: number | undefined, value: number): number {
  return before === undefined ? value : before + smoothing * (value - before);
}
