import { finite, isSlice, type LogRow, text } from "@ensam/core/runs";
import { afterSteps } from "./afterSteps.ts";
import { afterValidation } from "./afterValidation.ts";
import { emptyState, type MonitorState, withNote } from "./monitorState.ts";
import { runFacts } from "./runFacts.ts";
import { lastMean, type Series, upTo } from "./series.ts";

const keptCheckpoints = 8;

/** The state after some more lines of a log; the same however the lines are divided among calls. */
export function afterLines(state: MonitorState, rows: readonly (LogRow | undefined)[]): MonitorState {
  let next = state;
  let steps: LogRow[] = [];
  const settle = () => {
    next = afterSteps(next, steps);
    steps = [];
  };
  for (const row of rows) {
    // Runs of step rows are taken together: adding a point to a curve copies it.
    if (row?.type === "step") {
      steps.push(row);
      continue;
    }
    settle();
    next = row === undefined ? { ...next, malformed: next.malformed + 1 } : afterRow(next, row);
  }
  settle();
  return next;
}

function afterRow(state: MonitorState, row: LogRow): MonitorState {
  if (row.type === "run") return afterRun(state, row);
  if (row.type === "validation") return afterValidation(state, row);
  if (row.type === "checkpoint") {
    const checkpoint = { step: finite(row.step) ?? 0, kind: text(row.kind) ?? "", path: text(row.path) ?? "" };
    return { ...state, checkpoints: [...state.checkpoints, checkpoint].slice(-keptCheckpoints) };
  }
  if (row.type === "failure") {
    const words = `${text(row.case) ?? "?"} (${text(row.stage) ?? "?"}): ${text(row.error) ?? "?"}`;
    return { ...withNote(state, "warning", words), failures: state.failures + 1 };
  }
  if (row.type === "skip") {
    return withNote(state, "warning", `step ${finite(row.step) ?? "?"} left out: ${text(row.reason) ?? "?"}`);
  }
  if (row.type === "end") {
    const end = { reason: text(row.reason) ?? "", step: finite(row.step) ?? state.step };
    return { ...withNote(state, "info", `ended: ${end.reason}`), end };
  }
  if (isSlice(row)) return { ...state, slice: row };
  return state;
}

function afterRun(state: MonitorState, row: LogRow): MonitorState {
  const facts = runFacts(row);
  if (row.resumed !== true) return { ...emptyState, run: facts };
  const step = finite(row.step) ?? 0;
  const back = step < state.step ? cutAfter(state, step) : state;
  return withNote({ ...back, run: facts, end: undefined }, "info", `went on after step ${step}`);
}

function cutAfter(state: MonitorState, step: number): MonitorState {
  const { curves, run } = state;
  const cut = (series: Series) => upTo(series, step);
  const smoothedLoss = cut(curves.smoothedLoss);
  const trainingDsc = curves.trainingDsc.map(cut);
  return {
    ...state,
    step,
    epoch: run?.stepsPerEpoch === undefined ? state.epoch : step / run.stepsPerEpoch,
    smoothedLoss: lastMean(smoothedLoss),
    smoothedDsc: trainingDsc.map(lastMean),
    curves: {
      loss: cut(curves.loss),
      smoothedLoss,
      learningRate: cut(curves.learningRate),
      trainingDsc,
      validationDsc: curves.validationDsc.map(cut),
    },
    checkpoints: state.checkpoints.filter((checkpoint) => checkpoint.step <= step),
  };
}
