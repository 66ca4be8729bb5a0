import { expect, test } from "vitest";
import type { Prompts } from "../geometry/index.ts";
import { conv3d, splitGradient, tf } from "../tensors/index.ts";
import { describeOnDevices } from "../tensors/testing/devices.ts";
import { expectAllClose } from "../tensors/testing/expectAllClose.ts";
import { noLeaks } from "../tensors/testing/noLeaks.ts";
import { gaussian } from "../tensors/testing/operatorCases.ts";
import { addPromptMaps, promptMaps } from "./densePrompts.ts";
import {
  checkConfig,
  costs,
  decode,
  encode,
  type ModelConfig,
  parameterCounts,
  parameterTable,
  presets,
} from "./index.ts";
import { encodeMaps } from "./maskEncoder.ts";
import { freshParameters } from "./testing/freshModel.ts";

const dwarf: ModelConfig = {
  ...presets.tiny,
  filters: [2, 2, 4, 8],
  embedDim: 8,
  heads: 2,
  generatorSize: 4,
  mlpHidden: 16,
  maskFilters: [2, 2, 4],
  headBiasInit: 0,
};
const kinds = (["dense", "both"] as const).map((prompts) => ({ ...dwarf, prompts }));
const prompts: Prompts = {
  box: { min: [1, 2, 3], max: [7, 6, 10] },
  clicks: [
    { at: [4, 4, 5], foreground: true },
    { at: [0, 7, 15], foreground: false },
  ],
};
const shape = [8, 8, 16] as const;

describeOnDevices("prompts as maps", () => {
  test("a click is a bell of width 2 in its kind's map, the box is 1 inside, corners included", () => {
    noLeaks(() =>
      tf.tidy(() => {
        const maps = promptMaps(prompts, shape).dataSync();
        const at = (z: number, y: number, x: number, map: number) => maps[4 * ((z * 8 + y) * 16 + x) + map]!;
        expect([at(4, 4, 5, 0), at(4, 4, 5, 1)]).toEqual([1, 0]);
        expect(at(4, 6, 6, 0)).toBeCloseTo(Math.exp(-5 / 8), 6); // 2² + 1² over 2 · 2²
        expect([at(0, 7, 15, 0), at(0, 7, 15, 1)]).toEqual([0, 1]);
        expect([at(1, 2, 3, 2), at(6, 5, 9, 2), at(7, 5, 9, 2), at(6, 5, 10, 2)]).toEqual([1, 1, 0, 0]);
        // 6 · 4 · 7 voxels
        expect(maps.filter((value, i) => i % 4 === 2 && value === 1)).toHaveLength(168);
      }),
    );
  });

  test("a voxel's place in the box is 1 - r² of the ellipsoid in it, and 0 beyond", () => {
    noLeaks(() =>
      tf.tidy(() => {
        const maps = promptMaps(prompts, shape).dataSync();
        const at = (z: number, y: number, x: number) => maps[4 * ((z * 8 + y) * 16 + x) + 3]!;
        // z 1 to 7, y 2 to 6, x 3 to 10: the centre at 4, 4, 6.5, half lengths of 3, 2, 3.5
        expect(at(3, 3, 6)).toBeCloseTo(1 - 1 / 36 - 1 / 16, 6);
        expect([at(4, 4, 6), at(3, 4, 6)]).toEqual([at(3, 3, 6), at(3, 3, 6)]);
        expect(at(5, 2, 5)).toBeCloseTo(1 - 1 / 4 - 9 / 16 - 4 / 49, 6);
        expect([at(1, 2, 3), at(6, 5, 9), at(0, 4, 6), at(4, 4, 10)]).toEqual([0, 0, 0, 0]);
        const wide = promptMaps({ box: { min: [2, 0, 4], max: [3, 8, 5] }, clicks: [] }, shape).dataSync();
        expect(wide[4 * ((2 * 8 + 3) * 16 + 4) + 3]).toBeCloseTo(1 - 1 / 64, 6);
        expect(
          promptMaps({ clicks: [] }, shape)
            .dataSync()
            .every((value) => value === 0),
        ).toBe(true);
      }),
    );
  });

  test("both places give what a convolution over the concatenation gives", () => {
    noLeaks(() =>
      tf.tidy(() => {
        const parameters = freshParameters(kinds[0]!);
        const maps = promptMaps(prompts, shape);
        const logits = gaussian([1, ...shape, 1], 3);
        const hidden = gaussian([1, ...shape, 2], 4);
        const bounded = tf.sub(tf.sigmoid(logits), 0.5);
        const joined = tf.concat([bounded, maps], 4);
        const wanted = tf.add(hidden, conv3d(joined, parameters["decoder.prompts.weight"]!));
        expectAllClose(addPromptMaps(parameters, hidden, { maps, logits }).dataSync(), wanted.dataSync());

        // Where the logits are 0 the mask encoder says the same with and without them.
        const zeros = tf.zeros([1, ...shape, 1]);
        const without = encodeMaps(parameters, { maps }).dataSync();
        expectAllClose(encodeMaps(parameters, { maps, logits: zeros }).dataSync(), without);
        expect(Math.max(...encodeMaps(parameters, { maps, logits }).dataSync())).not.toBeCloseTo(
          Math.max(...without),
          5,
        );
      }),
    );
  });

  test("gradients are those of differences, in both places and with previous logits", () => {
    tf.tidy(() => {
      const parameters = freshParameters(kinds[0]!);
      const given = { maps: promptMaps(prompts, shape), logits: gaussian([1, ...shape, 1], 5) };
      const hidden = tf.zeros([1, ...shape, 2]);
      const places = {
        "decoder.prompts.weight": (own: Record<string, tf.Tensor>) => addPromptMaps(own, hidden, given),
        "mask_encoder.convs.0.weight": (own: Record<string, tf.Tensor>) => encodeMaps(own, given),
      };
      for (const [name, output] of Object.entries(places)) {
        const weight = parameters[name]!;
        const readOut = gaussian(output(parameters).shape, 9);
        const value = (own: Record<string, tf.Tensor>) => tf.tidy(() => tf.sum(tf.mul(output(own), readOut)));
        const { backward } = splitGradient(() => [value(parameters)], [weight]);
        const [gradient] = backward([tf.scalar(1)]);
        const direction = gaussian(weight.shape, 11);
        const wanted = tf.sum(tf.mul(direction, gradient!)).dataSync()[0]!;
        const step = 0.001;
        const moved = (sign: number) =>
          value({ ...parameters, [name]: tf.add(weight, tf.mul(direction, sign * step)) }).dataSync()[0]!;
        expect(Math.abs(wanted), name).toBeGreaterThan(0.1);
        expect((moved(1) - moved(-1)) / (2 * step) / wanted, name).toBeCloseTo(1, 1);
      }
    });
  });

  test.each(kinds)(
    "$prompts: the encoder runs once, and clicks change the answer, most of all where they are",
    (config) => {
      noLeaks(() =>
        tf.tidy(() => {
          const parameters = freshParameters(config);
          const encoded = encode(parameters, config, tf.randomUniform([1, ...shape, 1], 0, 1, "float32", 2));
          const logits = (given: Prompts) => decode(parameters, config, encoded, given).dataSync();
          const [here, there] = [logits({ clicks: [] }), logits({ clicks: [{ at: [3, 3, 12], foreground: true }] })];
          const change = there.map((value, i) => Math.abs(value - here[i]!));
          expect(Math.max(...change)).toBeGreaterThan(1e-4);
          const swapped = logits({ clicks: [{ at: [3, 3, 12], foreground: false }] });
          expect(Math.max(...swapped.map((value, i) => Math.abs(value - there[i]!)))).toBeGreaterThan(1e-4);
        }),
      );
    },
  );
});

test("without the option nothing of the model changes; maps add channels, and dense prompts need no tokens", () => {
  const names = (config: ModelConfig) => parameterTable(config).map(({ name, shape: own }) => `${name} ${own}`);
  expect(names({ ...presets.small, prompts: "attention" })).toEqual(names(presets.small));
  const added = names({ ...presets.small, prompts: "both" }).filter((row) => !names(presets.small).includes(row));
  expect(added).toEqual(["mask_encoder.convs.0.weight 8,5,2,2,2", "decoder.prompts.weight 8,5,3,3,3"]);
  const dense = parameterTable({ ...presets.small, prompts: "dense" });
  expect(dense.some(({ name }) => /^(prompt_encoder|position|interaction)\./.test(name))).toBe(false);
  // 938,361 + 4 · 8 · 8 channels of a 2³ kernel + 8 · 5 · 27
  expect(parameterCounts({ ...presets.small, prompts: "both" }).total).toBe(
    parameterCounts(presets.small).total! + 256 + 1080,
  );
});

test("the plan counts the maps' convolutions, and no attention where there is none", () => {
  const cost = costs({ ...presets.small, prompts: "dense" }, [16, 16, 16], 7);
  expect(cost.decoder.prompts).toBe(27 * 5 * 8 * 4096);
  expect(cost.mask_encoder["convs.0"]).toBe(8 * 5 * 8 * 512);
  expect(cost.interaction).toEqual({});
});

test("another kind of prompts is refused in words", () => {
  expect(() => checkConfig({ ...presets.small, prompts: "sparse" as "dense" })).toThrow(
    "config: prompts: expected attention, dense or both, got sparse",
  );
});
