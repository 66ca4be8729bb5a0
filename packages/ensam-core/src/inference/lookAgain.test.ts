import { afterEach, beforeAll, expect, test } from "vitest";
import { type Box, frameOf, voxelCount, wholeBox, type Zyx } from "../geometry/index.ts";
import { openDevice, tf } from "../tensors/index.ts";
import type { Grid } from "../voxels/index.ts";
import { lookAgain } from "./lookAgain.ts";
import { mergeObjects } from "./merge.ts";
import { nextLook } from "./nextLook.ts";
import { promptedImage } from "./promptedImage.ts";
import { loadModel } from "./segmenter.ts";
import { minuteConfig, minuteModel } from "./testing/index.ts";

beforeAll(async () => {
  await openDevice("cpu");
});
afterEach(() => expect(tf.memory().numTensors).toBe(0));

const shape: Zyx = [8, 40, 40];
const image: Grid<Uint8Array> = {
  data: Uint8Array.from({ length: voxelCount(shape) }, (_, i) => (i * 37 + (i >> 3)) % 256),
  shape,
};
const object = { label: 1, clicks: [{ at: [4, 10, 10] as Zyx, foreground: true }] };

/** An answer that is the object everywhere in a crop, so that it touches every side. */
function answerIn(crop: Box) {
  const frame = frameOf(shape, crop, 100_000);
  return { frame, logits: new Float32Array(voxelCount(frame.shape)).fill(2) };
}

async function look(headBias: number, most?: number) {
  const segmenter = loadModel(minuteModel(headBias), minuteConfig);
  const prompted = promptedImage(segmenter, image, { maxVoxels: 100_000 });
  try {
    const answer = answerIn({ min: [0, 4, 4], max: [8, 16, 16] });
    return { answer, again: await lookAgain(prompted, object, answer, { most }) };
  } finally {
    prompted.dispose();
    segmenter.dispose();
  }
}

test("a mask that is cut off is looked at in wider crops until it is whole or the volume ends", async () => {
  const { answer, again } = await look(9); // A model that sees the object everywhere.
  expect(again.looks[0]).toEqual(nextLook(answer.frame, answer.logits, object, 100_000));
  expect(again.looks.map(({ why }) => why)).toEqual(again.looks.map(() => "wider"));
  expect(again.looks.at(-1)!.crop).toEqual(wholeBox(shape));
  expect(again.frame.crop).toEqual(wholeBox(shape));
  expect((await look(9, 1)).again.looks).toHaveLength(1);
});

test("a look that loses the object is not taken", async () => {
  const { answer, again } = await look(-9);
  expect(again.looks).toEqual([]);
  expect(again.logits).toBe(answer.logits);
});

test("objects seen in crops of their own are merged as each alone would be", () => {
  const [low, high] = [answerIn({ min: [0, 0, 0], max: [4, 8, 8] }), answerIn({ min: [3, 20, 24], max: [8, 40, 40] })];
  const merged = mergeObjects(low.frame, [
    { label: 1, ...low },
    { label: 2, ...high },
  ]);
  const count = (label: number) => merged.labels.data.filter((value) => value === label).length;
  expect([count(1), count(2), merged.lost, merged.rescued]).toEqual([256, 5 * 20 * 16, [], []]);
  expect(merged.labels.data[(3 * 40 + 20) * 40 + 24]).toBe(2);
});
