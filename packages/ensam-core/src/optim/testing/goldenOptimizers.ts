import { expect, test } from "vitest";
import { presets, unitAxes } from "../../model/index.ts";
import { tinyGolden } from "../../model/testing/tinyCase.ts";
import { muonUpdate, tf } from "../../tensors/index.ts";
import { type Golden, type GoldenTensor, goldenError, plain, readGolden } from "../../tensors/testing/golden.ts";
import { noLeaks } from "../../tensors/testing/noLeaks.ts";
import {
  disposeTensors,
  normalizeWeights,
  type OptimizerState,
  optimizer,
  type TensorRecord,
  type Updated,
} from "../index.ts";

const read = (name: string) => readGolden(new URL(`../fixtures/${name}.safetensors`, import.meta.url));
const pick = (golden: Golden, prefix: string): TensorRecord =>
  Object.fromEntries(
    Object.keys(golden)
      .filter((name) => name.startsWith(prefix))
      .map((name) => [name.slice(prefix.length), plain(golden[name]!)]),
  );

/** `goldenError` on a device whose tensors are read asynchronously; what was read once can be read again at once. */
async function errorOf(result: tf.Tensor, golden: GoldenTensor): Promise<number> {
  await result.data();
  return goldenError(result, golden);
}

/** Newton–Schulz by an update of nothing: zero weight and momentum, no decay, one step back along the direction. */
function direction(gradient: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const zero = tf.zerosLike(gradient);
    const settings = { learningRate: -1, weightDecay: 0, momentum: 0, scale: 1 };
    return muonUpdate([{ weight: zero, gradient, momentum: zero }], settings)[0]!.weight;
  });
}

/** Updates on the current device against golden values. */
export function goldenOptimizerTests(): void {
  const matrices = ["square", "decaying", "wide", "tall", "kernel5d", "deficient", "row", "zero"];

  test.each(matrices)("Newton-Schulz of the %s matrix is Keller Jordan's", async (name) => {
    const golden = read("newton_schulz");
    const { shape, data } = golden[`${name}.input`]!;
    const result = noLeaks(() => tf.tidy(() => direction(tf.tensor2d(data, [shape[0]!, data.length / shape[0]!]))), 1);
    expect(await errorOf(result, golden[`${name}.output`]!)).toBeLessThan(1e-4);
    result.dispose();
  });

  test("three steps of Muon and AdamW with weight decay hold, and so does what they remember", async () => {
    const golden = read("optimizer_steps");
    const { init, update } = optimizer({ grouping: "paper", weightDecay: 0.1 });
    const before = tf.memory().numTensors;
    let parameters = pick(golden, "start.");
    let state: OptimizerState = init(parameters);
    for (let step = 0; step < 3; step++) {
      const gradients = pick(golden, `grad.${step}.`);
      const next = update(parameters, gradients, state, { muon: 0.02, adamw: 0.003 });
      for (const record of [parameters, gradients, state.tensors]) disposeTensors(record);
      ({ parameters, state } = next);
      for (const name of ["matrix", "kernel", "vector"]) {
        expect(await errorOf(parameters[name]!, golden[`after.${step}.${name}`]!), name).toBeLessThan(1e-5);
      }
    }
    expect(state.steps).toBe(3);
    const remembered = {
      "matrix.momentum": "state.matrix.buf",
      "kernel.momentum": "state.kernel.buf",
      "vector.mean": "state.vector.m",
      "vector.square": "state.vector.v",
    };
    for (const [own, theirs] of Object.entries(remembered)) {
      expect(await errorOf(state.tensors[own]!, golden[theirs]!), own).toBeLessThan(1e-5);
    }
    for (const record of [parameters, state.tensors]) disposeTensors(record);
    expect(tf.memory().numTensors).toBe(before);
  });

  // The golden file calls the grouping `hidden` its default.
  test.each([
    ["hidden", "tiny_step_default"],
    ["paper", "tiny_step_paper"],
  ] as const)("one step of the tiny model in the %s grouping holds", async (grouping, file) => {
    const [weights, gradients, expected] = ["tiny_weights", "tiny_gradients", file].map(tinyGolden);
    if (weights === undefined || gradients === undefined || expected === undefined) return;
    const { init, update } = optimizer({ grouping });
    const before = pick(weights, "");
    const step: Updated = update(before, pick(gradients, ""), init(before), 2e-3);
    const after = normalizeWeights(step.parameters, unitAxes(presets.tiny));
    for (const [name, tensor] of Object.entries(after)) {
      const { data } = expected[name]!;
      const largest = Math.max(...Array.from(await tensor.data(), (value, i) => Math.abs(value - data[i]!)));
      expect(largest, name).toBeLessThan(5e-6);
    }
  });
}
