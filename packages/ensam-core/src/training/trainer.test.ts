import { beforeEach, expect, test } from "vitest";
import { encodeSafetensors, readSafetensors } from "../files/index.ts";
import { presets } from "../model/index.ts";
import { type Place, turnsFrom } from "../samples/index.ts";
import { openDevice, tf } from "../tensors/index.ts";
import { checkpointNotes, checkpointOf, fittingWeights, restoreTraining } from "./checkpoint.ts";
import { checkpointProblem } from "./checkpointProblem.ts";
import type { TrainingSettings } from "./settings.ts";
import { disposeTraining, startTraining, type TrainingState } from "./state.ts";
import { ballSample } from "./testing/ballSample.ts";
import { NonFiniteGradients, type Prepared, type TrainingEvent, train } from "./trainer.ts";
import { update } from "./update.ts";

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
const record = {
  ...{ case: "ball", loss: 1, dice: 1, crossEntropy: 0, dsc: [0, 0], voxels: 1024 },
  ...{ seconds: 1, waitingSeconds: 0 },
};

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

const notFinite = { "decoder.head.bias": Float32Array.of(Number.NaN) };

test.each([Number.NaN, Number.POSITIVE_INFINITY])(
  "a gradient with %d is dropped before anything is changed, and the next step is made as if it had not been",
  async (value) => {
    const chosen = { ...settings, accumulate: 1 };
    const state = startTraining(config, chosen);
    await run(state, { chosen, events: 1 });
    const [before, { step, place }] = [await savedBytes(state), state];
    const zeros = Object.entries(state.parameters).map(([name, weight]) => [name, tf.zerosLike(weight)]);
    const first = "decoder.head.bias";
    state.gradients = { ...Object.fromEntries(zeros), [first]: tf.fill([1], value) };
    state.pending = [{ ...record }];
    const done = await update(state, chosen, 0);
    expect(done).toMatchObject({ step: 1, isDone: false });
    expect(Number.isFinite(done.gradientNorm)).toBe(false);
    expect({ step: state.step, place: state.place }).toEqual({ step, place });
    expect((await savedBytes(state)) === before).toBe(true);
    disposeTraining(state);
  },
);

test("steps without a finite gradient are told and counted; ten in a row end the run with the weights untouched", async () => {
  const chosen = { ...settings, accumulate: 1, epochs: 9 };
  const state = startTraining(config, chosen, notFinite);
  const before = Object.values(state.parameters).map((weight) => weight.dataSync().join());
  const events: TrainingEvent[] = [];
  const all = async () => {
    const samples = balls(state.place, chosen);
    for await (const event of train(state, chosen, samples, { count: 3, now: () => 0 })) events.push(event);
  };
  await expect(all()).rejects.toThrow(NonFiniteGradients);
  // 3 balls an epoch: after 3 epochs and 1 sample.
  const skips = events.filter((event) => event.type === "skip");
  expect(skips.map(({ inARow, step }) => [inARow, step])).toEqual(Array.from({ length: 10 }, (_, i) => [i + 1, 0]));
  expect(state).toMatchObject({ step: 0, skips: 10, skipsInARow: 10 });
  expect(Object.values(state.parameters).map((weight) => weight.dataSync().join())).toEqual(before);
  disposeTraining(state);
});

test("a step that is done begins the count anew, and a checkpoint keeps it", async () => {
  const chosen = { ...settings, accumulate: 1 };
  const state = startTraining(config, chosen, notFinite);
  await run(state, { chosen, events: 3 });
  expect(checkpointNotes(await saved(state)).progress).toMatchObject({ skips: 3, skipsInARow: 3 });
  const healed = { ...state.parameters, "decoder.head.bias": tf.zeros([1]) };
  state.parameters["decoder.head.bias"]!.dispose();
  state.parameters = healed;
  await run(state, { chosen, events: 1 });
  expect(state).toMatchObject({ step: 1, skips: 3, skipsInARow: 0 });
  const again = restoreTraining(await saved(state), chosen);
  expect(again).toMatchObject({ skips: 3, skipsInARow: 0 });
  for (const each of [state, again]) disposeTraining(each);
});

test("a step's seconds are those of its samples, of waiting for them and of the update", async () => {
  const state = startTraining(config, settings);
  let time = 0;
  const ticks = () => time++;
  const events: TrainingEvent[] = [];
  for await (const event of train(state, settings, balls(state.place), { count: 3, now: ticks })) {
    events.push(event);
    if (event.type === "step") break;
  }
  // Asked at 0; the first sample comes at 1 and is done at 2. Asked at 3, it comes at 4, is done at 5; the update: 6 to
  // 7.
  expect(events[0]).toMatchObject({ type: "sample", record: { waitingSeconds: 1, seconds: 1 } });
  expect(events[1]).toMatchObject({ type: "step", seconds: 1, records: [{}, { waitingSeconds: 1, seconds: 1 }] });
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
  expect(events[1]).toMatchObject({ records: [{ voxels: 64 * 32 * 32 }] });
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
  expect(checkpointProblem({ tensors: {}, metadata })).toBe('metadata.progress: expected a JSON object, got "{"');
});

test("notes say where the run stood", async () => {
  const state = startTraining(config, settings);
  await run(state, { events: 2 });
  const { progress } = checkpointNotes(await saved(state));
  expect(progress).toMatchObject({ step: 1, place: { epoch: 0, position: 2 }, pending: [] });
  disposeTraining(state);
});
