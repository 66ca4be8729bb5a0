import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { boxMargin, regionOf, voxelCount, type Zyx } from "../geometry/index.ts";
import { decode, encode, encodedTensors, withTensors } from "../model/index.ts";
import { type CaseArrays, type Sample, sample, validationSample } from "../samples/index.ts";
import { openDevice, tf } from "../tensors/index.ts";
import { validationStep } from "../training/index.ts";
import { randomStream } from "../voxels/index.ts";
import { openVolume } from "./openVolume.ts";
import { decodeObject, disposeEncoded, encodeFrame, loadModel, type Segmenter } from "./segmenter.ts";
import { minuteConfig, minuteModel } from "./testing/index.ts";

// What a model is trained on and what it sees in use: the same bits of the same crop, or training was for another task.
let segmenter: Segmenter;
beforeAll(async () => {
  await openDevice("wasm", { threads: 1 });
  segmenter = loadModel(minuteModel(0), minuteConfig);
});

const side = fc.integer({ min: 2, max: 26 });
const anyCase = fc.record({
  shape: fc.tuple(side, side, side),
  seed: fc.integer({ min: 1, max: 10_000 }),
  maxVoxels: fc.integer({ min: 60, max: 3000 }),
});

/** Noise, and one cuboid of label 7. */
function cuboidCase(shape: Zyx, seed: number): CaseArrays {
  const random = randomStream(seed, "cuboid");
  const imgs = Uint8Array.from({ length: voxelCount(shape) }, () => random.int(0, 256));
  const gts = new Uint8Array(imgs.length);
  const min = shape.map((size) => random.int(0, size));
  const max = shape.map((size, axis) => random.int(min[axis]! + 1, size + 1));
  for (let z = min[0]!; z < max[0]!; z++)
    for (let y = min[1]!; y < max[1]!; y++)
      gts.fill(7, (z * shape[1] + y) * shape[2] + min[2]!, (z * shape[1] + y) * shape[2] + max[2]!);
  return { imgs: { data: imgs, shape }, gts: { data: gts, shape } };
}

/** The logits after the box as training computes them from a sample. */
async function trainingLogits({ frame, volume, box }: Sample): Promise<Float32Array> {
  const features = tf.tidy(() =>
    encodedTensors(encode(segmenter.parameters, minuteConfig, tf.tensor5d(volume, [1, ...frame.shape, 1]))),
  );
  const prompts = { ...(box && { box }), clicks: [] };
  const logits = decode(segmenter.parameters, minuteConfig, withTensors(features), prompts);
  try {
    return (await logits.data()) as Float32Array;
  } finally {
    tf.dispose([logits, features]);
  }
}

test("a training sample and inference on the same crop give the same logits, bit for bit: mirrored, pooled, padded", async () => {
  let [mirrored, pooled, seen] = [0, 0, 0];
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ shape, seed, maxVoxels }) => {
      const arrays = cuboidCase(shape, seed);
      const drawn = sample(arrays, { maxVoxels, noBox: 0 }, randomStream(seed, "sample"));
      fc.pre(drawn.augmentation === undefined);
      seen++;
      if (drawn.frame.flips.includes(true)) mirrored++;
      if (drawn.frame.pooling.some((factor) => factor > 1)) pooled++;
      const encoded = encodeFrame(segmenter, arrays.imgs, drawn.frame);
      const inUse = await decodeObject(segmenter, encoded, { box: drawn.imageBox!, clicks: [] });
      disposeEncoded(encoded);
      expect(inUse).toEqual(await trainingLogits(drawn));
    }),
    { numRuns: 25 },
  );
  expect([seen, mirrored, pooled].every((count) => count > 3)).toBe(true);
});

test("validation looks at the crop of inference, and its logits after the box are those of use, bit for bit", async () => {
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ shape, seed, maxVoxels }) => {
      const arrays = cuboidCase(shape, seed);
      const valid = validationSample(arrays, 7, maxVoxels);
      const volume = openVolume(segmenter, arrays.imgs, { crops: "case", maxVoxels });
      await volume.predict([{ label: 7, box: valid.imageBox!, clicks: [] }]);
      expect(volume.answer(7).frame).toEqual(valid.frame);
      expect(volume.answer(7).frame.crop).toEqual(regionOf([{ label: 7, box: valid.imageBox!, clicks: [] }], shape));
      volume.dispose();
      const encoded = encodeFrame(segmenter, arrays.imgs, valid.frame);
      const inUse = await decodeObject(segmenter, encoded, { box: valid.imageBox!, clicks: [] });
      disposeEncoded(encoded);
      const { logits } = await validationStep(segmenter.parameters, minuteConfig, valid, 0);
      expect(inUse).toEqual(logits);
    }),
    { numRuns: 10 },
  );
  expect(boxMargin).toBe(32);
});
