import { expect, test } from "vitest";
import type { Prompts, Zyx } from "../geometry/index.ts";
import { diceCrossEntropy, splitGradient, tf } from "../tensors/index.ts";
import { describeOnDevices } from "../tensors/testing/devices.ts";
import { expectAllClose } from "../tensors/testing/expectAllClose.ts";
import { noLeaks } from "../tensors/testing/noLeaks.ts";
import { gaussian } from "../tensors/testing/operatorCases.ts";
import {
  checkConfig,
  decode,
  deepened,
  type Encoded,
  encode,
  encodedTensors,
  type ModelConfig,
  type PromptKind,
  presets,
  withTensors,
} from "./index.ts";
import { imagePositions } from "./model.ts";
import { freshParameters } from "./testing/freshModel.ts";

/** The smallest model: one head of 4 channels a stage keeps these tests quick. */
const dwarf: ModelConfig = {
  ...presets.tiny,
  filters: [2, 2, 4, 8],
  embedDim: 8,
  heads: 2,
  generatorSize: 4,
  mlpHidden: 16,
  maskFilters: [2, 2, 4],
};
const prompts: Prompts = {
  box: { min: [1, 2, 3], max: [7, 6, 10] },
  clicks: [
    { at: [4, 4, 5], foreground: true },
    { at: [0, 7, 15], foreground: false },
  ],
};
const volume = () => tf.randomUniform([1, 8, 8, 16, 1], 0, 1, "float32", 2);

function use<Result>(
  config: ModelConfig,
  f: (parameters: Record<string, tf.Tensor>, encoded: Encoded) => Result,
): Result {
  return tf.tidy(() => {
    const parameters = freshParameters(config);
    return f(parameters, encode(parameters, config, volume())) as tf.TensorContainer;
  }) as Result;
}

describeOnDevices("the model", () => {
  const ablations = (["liere", "rope", "absolute"] as const).flatMap((position) =>
    (["ngpt", "standard"] as const).map((attention) => ({ position, attention, prompts: "attention" as PromptKind })),
  );
  const maps = (["dense", "both"] as const).map((prompts) => ({ ...ablations[0]!, prompts }));
  const inMillimetres = { ...ablations[0]!, coordinates: "mm" as const };

  test.each([...ablations, ...maps, inMillimetres])(
    "$position positions with $attention attention and prompts as $prompts train: a step downhill lowers the loss",
    (kind) => {
      const config: ModelConfig = { ...dwarf, ...kind, headBiasInit: 0 };
      noLeaks(() =>
        tf.tidy(() => {
          const parameters = freshParameters(config);
          const [names, variables] = [Object.keys(parameters), Object.values(parameters)];
          const target = tf.pad(tf.ones([1, 4, 4, 4, 1]), [
            [0, 0],
            [2, 2],
            [2, 2],
            [4, 8],
            [0, 0],
          ]);
          const previous = gaussian([1, 8, 8, 16, 1], 5);
          const image = volume();
          const lossOf = (own: Record<string, tf.Tensor>) =>
            tf.tidy(() => {
              const encoded = encode(own, config, image, { cellSize: [3, 1, 1] });
              return diceCrossEntropy(decode(own, config, encoded, prompts, previous), target);
            });
          const { outputs, backward } = splitGradient(() => [lossOf(parameters)], variables);
          const gradients = backward([tf.tensor1d([1, 0, 0])]);
          const fixed = kind.position === "absolute" ? ["position.frequencies"] : [];
          names.forEach((name, i) => {
            const largest = tf.max(tf.abs(gradients[i]!)).dataSync()[0]!;
            expect(Number.isFinite(largest), name).toBe(true);
            if (fixed.includes(name)) expect(largest).toBe(0);
            else expect(largest, name).toBeGreaterThan(0);
          });
          const norm = Math.sqrt(gradients.reduce((sum, g) => sum + tf.sum(tf.square(g)).dataSync()[0]!, 0));
          const moved = names.map((name, i) => [name, tf.sub(parameters[name]!, tf.mul(gradients[i]!, 0.01 / norm))]);
          const after = lossOf(Object.fromEntries(moved)).dataSync()[0]!;
          const before = outputs[0]!.dataSync()[0]!;
          // Along the gradient the loss falls by about 0.01 · norm.
          expect(after).toBeLessThan(before - 0.3 * 0.01 * norm);
        }),
      );
    },
  );

  test("the order of clicks does not matter, their kind and place do", () => {
    use(dwarf, (parameters, encoded) => {
      const logits = (given: Prompts) => decode(parameters, dwarf, encoded, given).dataSync();
      const [first, second] = prompts.clicks;
      const here = logits(prompts);
      expectAllClose(logits({ ...prompts, clicks: [second!, first!] }), here, { atol: 1e-5 });
      for (const other of [
        { ...first!, foreground: false },
        { ...first!, at: [2, 4, 5] as const },
      ]) {
        const there = logits({ ...prompts, clicks: [other, second!] });
        expect(Math.max(...there.map((value, i) => Math.abs(value - here[i]!)))).toBeGreaterThan(1e-5);
      }
    });
  });

  test("without a prompt the image passes unchanged, and still gives logits of the volume's shape", () => {
    use(dwarf, (parameters, encoded) => {
      const seen: string[] = [];
      const logits = decode(parameters, dwarf, encoded, { clicks: [] }, undefined, {
        trace: (name) => seen.push(name),
      });
      expect(logits.shape).toEqual([1, 8, 8, 16, 1]);
      expect(seen.some((name) => name.startsWith("blocks."))).toBe(false);
    });
  });

  test("in mm a cell's sides count; cubes of any size are voxels, and a model in voxels does not look, to the bit", () => {
    tf.tidy(() => {
      const parameters = freshParameters(dwarf);
      const image = volume();
      const logits = (coordinates: ModelConfig["coordinates"], cellSize?: Zyx) => {
        const config: ModelConfig = { ...dwarf, ...(coordinates && { coordinates }) };
        return decode(parameters, config, encode(parameters, config, image, { cellSize }), prompts).dataSync();
      };
      const paper = logits(undefined);
      for (const same of [logits("voxels", [5, 1, 1]), logits("mm"), logits("mm", [2, 2, 2])]) {
        expect(same).toEqual(paper);
      }
      const thick = logits("mm", [5, 1, 1]);
      expect(Math.max(...thick.map((value, i) => Math.abs(value - paper[i]!)))).toBeGreaterThan(1e-4);
      expectAllClose(logits("mm", [10, 2, 2]), thick, { atol: 1e-5 }); // Only ratios count.
    });
  });

  test("a level deeper: a fifth stage at 1/16, a fourth decoder stage, grids of multiples of 16", () => {
    const deep = checkConfig(deepened({ ...dwarf, headBiasInit: 0 }));
    expect(deep).toMatchObject({ filters: [2, 2, 4, 8, 16], maskFilters: [2, 2, 4, 8], generatorSize: 4, heads: 4 });
    noLeaks(() =>
      tf.tidy(() => {
        const parameters = freshParameters(deep);
        const image = tf.randomUniform([1, 16, 16, 32, 1], 0, 1, "float32", 2);
        const names = Object.keys(parameters);
        const lossOf = (own: Record<string, tf.Tensor>, recompute = false) =>
          tf.tidy(() => {
            const encoded = encode(own, deep, image, { recompute });
            expect(encoded.bottleneck.shape).toEqual([1, 1, 1, 2, 16]);
            const logits = decode(own, deep, encoded, prompts, gaussian([1, 16, 16, 32, 1], 5), { recompute });
            expect(logits.shape).toEqual([1, 16, 16, 32, 1]);
            return diceCrossEntropy(logits, tf.round(image));
          });
        const { outputs, backward } = splitGradient(() => [lossOf(parameters)], Object.values(parameters));
        const gradients = backward([tf.tensor1d([1, 0, 0])]);
        const norm = Math.sqrt(gradients.reduce((sum, g) => sum + tf.sum(tf.square(g)).dataSync()[0]!, 0));
        names.forEach((name, i) => {
          expect(tf.max(tf.abs(gradients[i]!)).dataSync()[0]!, name).toBeGreaterThan(0);
        });
        const moved = names.map((name, i) => [name, tf.sub(parameters[name]!, tf.mul(gradients[i]!, 0.01 / norm))]);
        const before = outputs[0]!.dataSync()[0]!;
        expect(lossOf(Object.fromEntries(moved)).dataSync()[0]!).toBeLessThan(before - 0.3 * 0.01 * norm);
        expect(lossOf(parameters, true).dataSync()[0]).toBeCloseTo(before, 5);
      }),
    );
    expect(() => encode({}, deep, tf.zeros([1, 16, 16, 24, 1]))).toThrow("multiples of 16, got [1, 16, 16, 24, 1]");
  });

  test("positions computed before are used as they are, and stay the caller's", () => {
    noLeaks(() => {
      const parameters = freshParameters(dwarf);
      const image = volume();
      const positions = imagePositions(parameters, dwarf, [1, 1, 2]);
      const [given, own] = [encode(parameters, dwarf, image, { positions }), encode(parameters, dwarf, image)];
      expectAllClose(given.positions.dataSync(), own.positions.dataSync());
      tf.dispose([encodedTensors(given), encodedTensors(own)]);
      expect(positions.isDisposed).toBe(false);
      tf.dispose([parameters, image, positions]);
    });
  });

  test("an encoded volume survives being listed", () => {
    use(dwarf, (_, encoded) => {
      const tensors = encodedTensors(encoded);
      expect(tensors.length).toBe(2 + 2 * 3);
      expect(withTensors(tensors)).toEqual(encoded);
    });
  });

  test("a volume that is no multiple of 8 and a missing parameter are refused by name", () => {
    expect(() => encode({}, dwarf, tf.zeros([1, 8, 8, 12, 1]))).toThrow(
      "encode: volume: expected [1, D, H, W, 1] with multiples of 8, got [1, 8, 8, 12, 1]",
    );
    expect(() => encode({}, dwarf, tf.zeros([1, 8, 8, 8, 1]))).toThrow(
      "parameters: encoder.stem.weight: expected a tensor, got none",
    );
  });
});
