import { beforeEach, expect, test } from "vitest";
import { encodeSafetensors, readSafetensors } from "../files/index.ts";
import { presets } from "../model/index.ts";
import { openDevice, tf } from "../tensors/index.ts";
import { checkpointNotes, checkpointOf, checkpointProblem, fittingWeights, restoreTraining } from "./checkpoint.ts";
import { type Place, turnsFrom } from "./sample/index.ts";
import type { TrainingSettings } from "./settings.ts";
import { disposeTraining, startTraining, type TrainingState } from "./state.ts";
import { ballSample } from "./testing/ballSample.ts";
import { type Prepared, type TrainingEvent, train } from "./trainer.ts";

beforeEach(async () => {
  await openDevice("wasm", { threads: 1 });
});

const config = presets.tiny;
const settings: TrainingSettings = {
  seed: 3,
  epochs: 2,
  accumulate: 2,
  clicks: 1,
  optimizer: "muon",
  groups: "hidden",
  learningRate: 0.01,
  halveAt: [1],
  weightDecay: 0.01,
  clipNorm: 1,
  averageDecay: 0.5,
  maxVoxels: 4096,
  noBox: 0,
};
const shape = [8, 16, 8] as const;

/** Three balls in a seeded order; the second, if asked, gives no sample. */
async function* balls(from: Place, chosen = settings, broken = false): AsyncGenerator<Prepared> {
  for (const turn of turnsFrom(from, { ...chosen, count: 3 })) {
    const name = `ball ${turn.row}`;
    if (broken && turn.row === 1) yield { turn, case: name, error: "cannot be read" };
    else yield { turn, case: name, sample: ballSample(shape, turn.row + 1) };
  }
}

async function run(state: TrainingState, { chosen = settings, events = Infinity, broken = false } = {}) {
  const seen: TrainingEvent[] = [];
  for await (const event of train(state, chosen, balls(state.place, chosen, broken), { count: 3, now: () => 0 })) {
    seen.push(event);
    if (seen.length >= events) break;
  }
  return seen;
}

async function savedBytes(state: TrainingState): Promise<string> {
  const { tensors, metadata } = await saved(state);
  return Buffer.from(encodeSafetensors(tensors, metadata)).toString("base64");
}

const saved = (state: TrainingState) => checkpointOf(state, settings, { version: "1", run: {} });

test("the loss falls over a few steps, and no tensors pile up", async () => {
  const chosen = { ...settings, epochs: 3, accumulate: 1, halveAt: [] };
  const state = startTraining(config, chosen);
  const before = tf.memory().numTensors;
  const steps = (await run(state, { chosen })).filter((event) => event.type === "step");
  expect(tf.memory().numTensors).toBe(before);
  const losses = steps.map((event) => event.records[0]!.loss);
  expect(losses).toHaveLength(9);
  expect(losses.at(-1)!).toBeLessThan(0.9 * losses[0]!);
  disposeTraining(state);
});

test("steps take `accumulate` samples, an epoch's last step those that are left, and the rate halves at its epoch", async () => {
  const state = startTraining(config, settings);
  const events = await run(state);
  expect(events.map(({ type }) => type)).toEqual([
    "sample",
    "step",
    "step",
    "epoch",
    "sample",
    "step",
    "step",
    "epoch",
  ]);
  const steps = events.filter((event) => event.type === "step");
  expect(steps.map(({ records }) => records.length)).toEqual([2, 1, 2, 1]);
  expect(steps.map(({ step, learningRate }) => [step, learningRate])).toEqual([
    [1, 0.01],
    [2, 0.01],
    [3, 0.005],
    [4, 0.005],
  ]);
  disposeTraining(state);
});

test("a run saved in the middle of a step and restored ends with the same bytes as one that went through", async () => {
  const whole = startTraining(config, settings);
  await run(whole);
  const first = startTraining(config, settings);
  await run(first, { events: 5 }); // The fifth event is a sample of the third step: its gradient is part of the state.
  expect(first.pending).toHaveLength(1);
  const payload = await saved(first);
  expect(checkpointProblem(payload)).toBeUndefined();
  expect(Object.keys(payload.tensors)).toContain("gradient.encoder.stem.weight");
  const file = readSafetensors(encodeSafetensors(payload.tensors, payload.metadata));
  const second = restoreTraining(file as typeof payload, settings);
  await run(second);
  expect((await savedBytes(second)) === (await savedBytes(whole))).toBe(true);
  for (const state of [whole, first, second]) disposeTraining(state);
});

test("a case without a sample is told and left out", async () => {
  const state = startTraining(config, settings);
  const events = await run(state, { chosen: { ...settings, epochs: 1 }, broken: true });
  expect(events.filter(({ type }) => type === "failure")).toEqual([
    { type: "failure", case: "ball 1", error: "cannot be read" },
  ]);
  expect(events.filter(({ type }) => type === "step")).toHaveLength(1);
  disposeTraining(state);
});

test("a loss that is not a number ends training with the case's name, before the weights are touched", async () => {
  const state = startTraining(config, settings, { "decoder.head.bias": Float32Array.of(Number.NaN) });
  await expect(run(state)).rejects.toThrow(/ball \d: loss: expected a finite number, got NaN/);
  expect(state.step).toBe(0);
  disposeTraining(state);
});

test("every combination of the ablations trains: position, attention, optimizer", { timeout: 300_000 }, async () => {
  for (const position of ["liere", "rope", "absolute"] as const) {
    for (const [attention, optimizer, groups] of [
      ["ngpt", "adamw", "hidden"],
      ["standard", "muon", "paper"],
    ] as const) {
      const chosen = { ...settings, optimizer, groups, epochs: 1, maxSteps: 1, accumulate: 1, averageDecay: undefined };
      const state = startTraining({ ...config, position, attention }, chosen);
      const steps = (await run(state, { chosen })).filter(({ type }) => type === "step");
      expect(steps, `${position} ${attention} ${optimizer}`).toHaveLength(1);
      disposeTraining(state);
    }
  }
});

test("a sample that does not fit is pooled once more and tried again; if that fails too, the error says so", async () => {
  // A step on 64^3 voxels takes 80 MiB or more; one on a quarter of them, and the optimizer, about 25.
  await openDevice("wasm", { threads: 1, memoryBytes: 45 << 20 });
  const chosen = { ...settings, epochs: 1, maxSteps: 1, accumulate: 1, averageDecay: undefined };
  const once = async (size: readonly [number, number, number]) => {
    const state = startTraining(config, chosen);
    const only: Prepared = { turn: { epoch: 0, position: 0, row: 0 }, case: "large", sample: ballSample(size) };
    const events: TrainingEvent[] = [];
    const samples = (async function* () {
      yield only;
    })();
    for await (const event of train(state, chosen, samples, { count: 1, now: () => 0 })) events.push(event);
    return events;
  };
  const events = await once([64, 64, 64]);
  // Two halved axes of 62 voxels: 31 each, padded to 32.
  expect(events[0]).toMatchObject({ type: "retry", case: "large", shape: [64, 32, 32] });
  expect(events.map(({ type }) => type)).toEqual(["retry", "step", "epoch"]);
  await expect(once([64, 128, 128])).rejects.toMatchObject({ name: "OutOfMemory" });
});

test("weights of another model are taken where name and shape fit, the average before the last weights", async () => {
  const state = startTraining(config, settings);
  const payload = await saved(state);
  payload.tensors["ema.decoder.head.bias"]!.data.fill(7);
  const rope = fittingWeights(payload, { ...config, position: "rope", mlpHidden: 32 });
  expect(rope.weights["decoder.head.bias"]).toEqual(Float32Array.of(7));
  expect(rope.missing).toEqual(["position.frequencies"]);
  expect(rope.unused).toEqual(["position.generators"]);
  expect(rope.otherShape).toContain("interaction.blocks.0.mlp.up.weight");
  disposeTraining(state);
});

test("a file that is no checkpoint of ours is told apart", () => {
  expect(checkpointProblem({ tensors: {}, metadata: {} })).toBe(
    'metadata.format: expected "ensam-training-1", got nothing',
  );
  const metadata = { format: "ensam-training-1", config: "{}", settings: "{}", progress: "{", run: "{}" };
  expect(checkpointProblem({ tensors: {}, metadata })).toBe('metadata.progress: expected JSON, got "{"');
});

test("notes say where the run stood", async () => {
  const state = startTraining(config, settings);
  await run(state, { events: 2 });
  const { progress } = checkpointNotes(await saved(state));
  expect(progress).toMatchObject({ step: 1, place: { epoch: 0, position: 2 }, pending: [] });
  disposeTraining(state);
});
