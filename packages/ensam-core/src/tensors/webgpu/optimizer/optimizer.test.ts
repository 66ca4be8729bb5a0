import fc from "fast-check";
import { expect, test } from "vitest";
import { initParameters, parametersFromValues, presets } from "../../../model/index.ts";
import { averageWeights, clipByGlobalNorm, disposeTensors, optimizer } from "../../../optim/index.ts";
import { goldenOptimizerTests } from "../../../optim/testing/goldenOptimizers.ts";
import { randomStream } from "../../../voxels/index.ts";
import { gaussian, type OperatorCase } from "../../operatorCases.ts";
import { globalNorm, globalNormComposed } from "../../ops/globalNorm.ts";
import { tf } from "../../tf.ts";
import { adamwCase, muonCase, updateCases } from "../../updateCases.ts";
import { relativeError } from "../testing/compare.ts";
import { countDispatches } from "../testing/countDispatches.ts";
import { describeOnWebgpu } from "../testing/software.ts";
import { stacksOf } from "./muon.ts";

/** Largest difference to the composed form on the CPU, relative to the largest value. Nothing may be left behind. */
async function errorOf({ operator, composed, inputs }: OperatorCase): Promise<number> {
  tf.setBackend("cpu");
  const tensors = tf.tidy(inputs);
  const given = tensors.map((tensor) => ({ shape: tensor.shape, values: tensor.dataSync().slice() }));
  tf.dispose(tensors);
  const run = async (device: string, own: OperatorCase["operator"]) => {
    tf.setBackend(device);
    const before = tf.memory().numTensors;
    const result = tf.tidy(() => own(...given.map(({ shape, values }) => tf.tensor(values.slice(), shape, "float32"))));
    expect(tf.memory().numTensors - before, "tensors left behind").toBe(1);
    const values = (await result.data()).slice() as Float32Array;
    result.dispose();
    return values;
  };
  const expected = await run("cpu", composed);
  return relativeError(await run("webgpu", operator), expected);
}

/** A case with some of its inputs set to zero. */
function withZeros(example: OperatorCase, zeros: readonly number[]): OperatorCase {
  const inputs = () => example.inputs().map((tensor, i) => (zeros.includes(i) ? tf.zerosLike(tensor) : tensor));
  return { ...example, inputs };
}

/**
 * Newton–Schulz enlarges small singular values, and the rounding in them, by up to 3.44⁵ = 480 times: of 1e-7 that
 * would be 5e-5 at worst. Rounding spreads over all directions; 2e-6 was found.
 */
const tolerance = 1e-5;
const sides = fc.integer({ min: 1, max: 70 });

await describeOnWebgpu("updates", () => {
  test.each(updateCases)("$name is that of the composed form", async (example) => {
    expect(await errorOf(example)).toBeLessThan(1e-5);
  });

  test.each([[[1]], [[1, 1]], [[130, 3]], [[7]], [[2, 3, 1, 5, 3]]])(
    "AdamW of %j, with decay and without",
    async (shape) => {
      for (const weightDecay of [0, 0.1]) {
        expect(await errorOf(adamwCase("", shape, weightDecay))).toBeLessThan(1e-6);
        // A first gradient of zero moves nothing but by decay, and divides nothing by zero.
        expect(await errorOf(withZeros(adamwCase("", shape, weightDecay), [1, 2, 3]))).toBeLessThan(1e-6);
      }
    },
  );

  test.each([
    ["one value", [[1, 1]]],
    ["a row", [[1, 33]]],
    ["a column", [[33, 1]]],
    ["a tall matrix", [[70, 9]]],
    ["a wide matrix", [[9, 70]]],
    ["whole tiles", [[64, 64]]],
    ["kernels whose long axis is split", [[6, 30, 3, 3, 3]]],
    ["stacks of three shapes, in turn", [[5, 6], [6, 5], [5, 6], [5, 2, 3, 1, 1], [4, 4], [6, 5]]], // biome-ignore format: shapes
  ])("Muon of %s, with decay and without", async (_, shapes) => {
    for (const weightDecay of [0, 0.1]) {
      expect(await errorOf(muonCase("", shapes, weightDecay))).toBeLessThan(tolerance);
    }
    expect(await errorOf(withZeros(muonCase("", shapes, 0.1), [1, 2]))).toBeLessThan(1e-6);
  });

  test("Muon of matrices of any shape", async () => {
    await fc.assert(
      fc.asyncProperty(sides, sides, async (rows, columns) => {
        expect(await errorOf(muonCase("", [[rows, columns]], 0.1))).toBeLessThan(tolerance);
      }),
      { numRuns: 20, seed: 1 },
    );
  });

  test("the same gradients give the same bits", async () => {
    const { operator, inputs } = muonCase("", [[20, 700], [20, 700]], 0); // biome-ignore format: shapes
    const given = inputs();
    const results = [1, 2].map(() => [operator(...given), globalNorm(given)]);
    const [first, second] = await Promise.all(results.map((both) => Promise.all(both.map((result) => result.data()))));
    expect(second).toEqual(first);
    tf.dispose([given, results]);
  });

  test("the joint length of many tensors, one of them larger than all slabs together at their least", async () => {
    const inputs = () => [...Array.from({ length: 30 }, (_, i) => gaussian([i + 1], i + 1)), gaussian([2_200_000], 40)];
    const example = { name: "", operator: (...x: tf.Tensor[]) => globalNorm(x), inputs };
    expect(await errorOf({ ...example, composed: (...x) => globalNormComposed(x) })).toBeLessThan(1e-5);
  });
});

await describeOnWebgpu("dispatches of an optimizer step", () => {
  test("of the paper's model", () => {
    const config = presets.paper;
    const parameters = parametersFromValues(config, initParameters(config, randomStream(1, "parameters")));
    const { init, update } = optimizer({ grouping: "hidden" });
    const state = init(parameters);
    // 158 parameters. 98 are AdamW's, with one dispatch each. 60 are Muon's, with 2 dispatches each and, for the 20
    // shapes of their matrices, 2 to normalise and 5 × 3 products; for 10 shapes the inner axis of the first product is
    // split.
    const updated = countDispatches(() => update(parameters, parameters, state, 1e-3));
    expect(updated.dispatches).toBe(98 + 60 * 2 + 20 * (2 + 5 * 3) + 10 * 5);
    // A part of the length for each and one for the whole, the factor in 2, and its product with each.
    const clipped = countDispatches(() => clipByGlobalNorm(parameters));
    expect(clipped.dispatches).toBe(158 + 1 + 2 + 158);
    const averaged = countDispatches(() => averageWeights(parameters, parameters, 0.9));
    expect(averaged.dispatches).toBe(158);

    const { gradients, norm } = clipped.result;
    const made = [parameters, state.tensors, updated.result.parameters, updated.result.state.tensors];
    for (const record of [...made, gradients, averaged.result]) disposeTensors(record);
    norm.dispose();
  });

  test("matrices of one shape share a stack until it is full", () => {
    const parameter = (shape: number[]) => ({ weight: { shape, dtype: "float32" as const, dataId: {} } });
    const [a, b, c, d] = [[2, 3], [2, 3, 1], [3, 2], [2, 3]].map(parameter); // biome-ignore format: shapes
    expect(stacksOf([a!, b!, c!, d!], 12)).toEqual([[a, b], [c], [d]]);
    expect(stacksOf([a!, b!, c!, d!], 1)).toEqual([[a], [b], [c], [d]]);
  });
});

await describeOnWebgpu("golden optimizers on webgpu", goldenOptimizerTests);
