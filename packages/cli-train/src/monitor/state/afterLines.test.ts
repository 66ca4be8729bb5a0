import { type LogRow, parseRow } from "@ensam/core/runs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { runRow, stepRow, validationRow } from "../testing/rows.ts";
import { afterLines } from "./afterLines.ts";
import { emptyState, type MonitorState } from "./monitorState.ts";
import { rates, secondsLeft } from "./rates.ts";
import { emptySeries, meansOf, upTo, withPoints } from "./series.ts";

const after = (...rows: (LogRow | undefined)[]) => afterLines(emptyState, rows);

const anyRow = fc.oneof(
  fc.integer({ min: 1, max: 30 }).map((step): LogRow | undefined => stepRow(step)),
  fc.constantFrom<LogRow | undefined>(
    undefined,
    runRow(),
    runRow({ resumed: true, step: 3 }),
    validationRow(4, [0.1, null, 0.3]),
    { type: "checkpoint", step: 4, path: "a/last.safetensors", kind: "last" },
    { type: "failure", case: "c", stage: "sample", error: "e" },
    { type: "end", step: 4, reason: "done" },
    { type: "step", step: 5, loss: null, dsc: "odd" },
    { type: "something else" },
  ),
);

test("the state does not depend on how the rows are divided among calls", () => {
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 40 }), fc.nat(40), (rows, at) => {
      const parts = afterLines(afterLines(emptyState, rows.slice(0, at)), rows.slice(at));
      expect(parts).toEqual(afterLines(emptyState, rows));
    }),
  );
});

test("rows of any content are taken without an error", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("run", "step", "validation", "checkpoint", "failure", "end", "slice"),
      fc.dictionary(fc.constantFrom("step", "loss", "dsc", "options", "modalities", "cases", "shape"), fc.jsonValue()),
      (type, fields) => {
        const state = afterLines(after(runRow(), stepRow(1)), [{ ...fields, type } as LogRow]);
        expect(Number.isFinite(state.step)).toBe(true);
      },
    ),
  );
});

test("a hundred thousand rows leave a state of bounded size that still shows the whole run", () => {
  let state: MonitorState = after(runRow());
  for (let from = 1; from <= 100_000; from += 10_000) {
    const rows = Array.from({ length: 10_000 }, (_, i) => stepRow(from + i));
    state = afterLines(state, rows.concat(validationRow(from, [0.1]), { type: "failure", case: "c" }));
  }
  const { loss, trainingDsc } = state.curves;
  for (const series of [loss, ...trainingDsc]) expect(series.buckets.length).toBeLessThanOrEqual(1024);
  expect(state.recent).toHaveLength(64);
  expect(state.notes.length).toBeLessThanOrEqual(50);
  expect(state.failures).toBe(10);
  // 1024 buckets hold 100,000 points at a stride of 128: the first ends at step 128, the last at the last step.
  expect([loss.stride, loss.buckets[0]!.x, loss.buckets.at(-1)!.x]).toEqual([128, 128, 100_000]);
  expect(JSON.stringify(state).length).toBeLessThan(1_500_000);
});

test("a series keeps the mean of what it joins, and all of it", () => {
  const points = Array.from({ length: 5000 }, (_, i) => [i, i % 7] as const);
  const series = withPoints(emptySeries, points);
  const total = series.buckets.reduce((sum, bucket) => sum + bucket.sum, 0);
  expect(total).toBe(points.reduce((sum, [, y]) => sum + y, 0));
  expect(series.buckets.reduce((count, bucket) => count + bucket.count, 0)).toBe(5000);
  expect(Math.max(...series.buckets.map(({ high }) => high))).toBe(6);
});

test("the part of a series up to a step can be gone on from", () => {
  const ten = withPoints(
    emptySeries,
    Array.from({ length: 10 }, (_, i) => [i + 1, i] as const),
  );
  expect(meansOf(withPoints(upTo(ten, 4), [[5, 40]]))).toEqual([0, 1, 2, 3, 40].map((y, i) => ({ x: i + 1, y })));
});

test("speeds are over the last steps, and the time left counts steps and validations", () => {
  // 40 cases / 4 per step = 10 steps per epoch, 10 epochs: 100 steps and 10 validations.
  const state = after(runRow(), stepRow(1), stepRow(2), validationRow(2, [0.5]));
  expect(rates(state)).toEqual({
    secondsPerStep: 2,
    samplesPerSecond: 2, // 8 samples in 4 s
    voxelsPerSecond: 500_000, // 2,000,000 voxels in 4 s
    waitingShare: 0.25, // 1 s of 4 s
  });
  expect(secondsLeft(state)).toBe(98 * 2 + 9 * 30);
  expect(state.seconds).toBe(2 + 2 + 30);
});

test("a run that goes on from a checkpoint forgets the steps after it and keeps the rest", () => {
  const steps = [1, 2, 3, 4, 5].map((step) => stepRow(step));
  const state = after(
    runRow(),
    ...steps,
    { type: "end", step: 5, reason: "signal" },
    runRow({ resumed: true, step: 3 }),
  );
  expect(state.step).toBe(3);
  expect(state.end).toBeUndefined();
  expect(meansOf(state.curves.loss).map(({ x }) => x)).toEqual([1, 2, 3]);
  expect(state.notes.at(-1)?.text).toBe("went on after step 3");
  expect(after(runRow(), ...steps, runRow()).step).toBe(0);
});

test("validations are kept with the one before and the best", () => {
  const state = after(validationRow(1, [0.1, 0.6]), validationRow(2, [0.1, 0.5]));
  expect([state.validation?.step, state.validationBefore?.step]).toEqual([2, 1]);
  expect(state.best).toEqual({ step: 1, dscFinal: 0.6 });
});

test("what is not a row is counted", () => {
  expect(["nonsense", "[1]", "null", '{"type":3}', '{"type":"step"'].map(parseRow)).toEqual(Array(5).fill(undefined));
  expect(after(parseRow("nonsense"), stepRow(1)).malformed).toBe(1);
});
