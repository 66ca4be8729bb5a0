import { expect, test } from "vitest";
import { flopsOf } from "./benchConvolution.ts";
import { parsePresets, parseSizes, planFor, variantsOf } from "./benchPlan.ts";

const voxels = ([z, y, x]: readonly [number, number, number]) => z * y * x;

test("a GPU trains the paper's network at 1, 2 and 4.19 million voxels, the largest last", () => {
  const plan = planFor({ isSoftware: false });
  expect(plan.presets).toEqual(["paper"]);
  expect(plan.steps.map(voxels)).toEqual([2 ** 20, 2 ** 21, 2 ** 22]);
  // 16 channels of 4 bytes: 537 million bytes to copy.
  expect(voxels(plan.copied) * 64).toBe(536_870_912);
});

test("a GPU's convolutions take over a hundred times the work of a software adapter's", () => {
  const work = (isSoftware: boolean) => planFor({ isSoftware }).convolutions.map(flopsOf);
  const [gpu, software] = [work(false), work(true)];
  expect(Math.min(...gpu)).toBeGreaterThan(100 * Math.max(...software));
  const channels = planFor({ isSoftware: false }).convolutions.map(({ inputs, outputs }) => [inputs, outputs]);
  expect(channels).toEqual([
    [16, 16],
    [32, 32],
    [48, 16],
    [64, 64],
    [128, 128],
  ]);
});

test("the user's presets and sizes go before the plan's, in growing size", () => {
  const sizes = parseSizes("32,16x16x24");
  const plan = planFor({ isSoftware: false }, { presets: parsePresets("small,tiny"), sizes });
  expect(plan.presets).toEqual(["small", "tiny"]);
  expect(plan.steps).toEqual([
    [16, 16, 24],
    [32, 32, 32],
  ]);
  expect(plan.details).toEqual([16, 16, 24]);
});

test.each(["33", "16x16", "0", "16x16x16x16", "16,", "a"])("the size %s is refused", (text) => {
  expect(() => parseSizes(text)).toThrow(/^bench: --size: expected N or ZxYxX in multiples of 8, got /);
});

test("an unknown preset is refused", () => {
  expect(() => parsePresets("tiny,huge")).toThrow("bench: --preset: expected paper, small, tiny, got huge");
});

test("a processor is measured with each number of threads, a GPU once", () => {
  expect(variantsOf(false, [1, 4])).toEqual([
    { label: "1 thread", options: { threads: 1 } },
    { label: "4 threads", options: { threads: 4 } },
  ]);
  expect(variantsOf(true, [1, 4]).map(({ label, options }) => [label, options.precision])).toEqual([
    ["f32", "f32"],
    ["f16", "f16"],
    ["matrix", "matrix"],
  ]);
});
