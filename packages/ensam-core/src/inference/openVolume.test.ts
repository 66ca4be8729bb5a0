import { afterEach, beforeAll, expect, test } from "vitest";
import { openDevice, tf } from "../tensors/index.ts";
import { type Grid, voxelCount, type Zyx } from "../voxels/index.ts";
import { type Crops, openVolume } from "./openVolume.ts";
import { loadModel } from "./segmenter.ts";
import { minuteConfig, minuteModel } from "./testing/index.ts";

beforeAll(async () => {
  await openDevice("cpu");
});

let close: (() => void)[] = [];
afterEach(() => {
  for (const dispose of close) dispose();
  close = [];
  expect(tf.memory().numTensors).toBe(0);
});

function segmenter(headBias = 0) {
  const loaded = loadModel(minuteModel(headBias), minuteConfig);
  close.push(loaded.dispose);
  return loaded;
}

function image(shape: Zyx): Grid<Uint8Array> {
  return { data: Uint8Array.from({ length: voxelCount(shape) }, (_, i) => (i * 37 + (i >> 3)) % 256), shape };
}

function opened(model: ReturnType<typeof segmenter>, shape: Zyx, maxVoxels = 10_000, crops: Crops = "case") {
  const volume = openVolume(model, image(shape), { crops, maxVoxels });
  close.push(volume.dispose);
  return volume;
}

const box = { min: [2, 3, 4] as Zyx, max: [6, 9, 11] as Zyx };

test("without a box the whole volume is looked at, pooled to the budget", async () => {
  const volume = opened(segmenter(), [9, 20, 20], 1000);
  await volume.predict([{ label: 1, clicks: [{ at: [4, 9, 9], foreground: true }] }]);
  // 9 * 20 * 20 = 3600; 9 * 10 * 10 = 900
  expect(volume.answer(1).frame).toMatchObject({
    crop: { min: [0, 0, 0], max: [9, 20, 20] },
    pooling: [1, 2, 2],
    shape: [16, 16, 16],
  });
});

test("with one crop for all it is the union of the boxes and 32 voxels around", async () => {
  const volume = opened(segmenter(), [4, 4, 100]);
  const at = (x: number) => ({ min: [0, 0, x] as Zyx, max: [1, 1, x + 2] as Zyx });
  await volume.predict([
    { label: 1, box: at(40), clicks: [] },
    { label: 2, box: at(50), clicks: [] },
  ]);
  expect(volume.answer(1).frame.crop).toEqual({ min: [0, 0, 8], max: [4, 4, 84] }); // 40 - 32, 52 + 32
});

test("a click outside of the crop makes it grow, and the next prediction works on the larger one", async () => {
  const volume = opened(segmenter(), [4, 4, 120]);
  const near = { min: [0, 0, 0] as Zyx, max: [2, 2, 4] as Zyx };
  await volume.predict([{ label: 1, box: near, clicks: [] }]);
  expect(volume.answer(1).frame.crop.max).toEqual([4, 4, 36]);
  await volume.predict([{ label: 1, box: near, clicks: [{ at: [1, 1, 60], foreground: true }] }]);
  expect(volume.answer(1).frame.crop).toEqual({ min: [0, 0, 0], max: [4, 4, 93] }); // 60 + 1 + 32
});

test("with a crop for each object nobody else's prompts move it, and features are computed once", async () => {
  let encoded = 0;
  const pause = async () => void encoded++;
  const volume = openVolume(segmenter(), image([4, 4, 120]), {
    crops: "object",
    maxVoxels: 10_000,
    exclusive: true,
    pause,
  });
  close.push(volume.dispose);
  const near = { label: 1, box: { min: [0, 0, 0] as Zyx, max: [2, 2, 4] as Zyx }, clicks: [] };
  const far = { label: 2, clicks: [{ at: [1, 1, 60] as Zyx, foreground: true }] };
  const alone = openVolume(segmenter(), image([4, 4, 120]), { crops: "object", maxVoxels: 10_000 });
  close.push(alone.dispose);
  await alone.predict([near]);
  await volume.predict([near, far]);
  expect(volume.answer(1).frame.crop).toEqual({ min: [0, 0, 0], max: [4, 4, 36] });
  expect(volume.answer(2).frame.crop).toEqual({ min: [0, 0, 0], max: [4, 4, 120] });
  // The others' click lies outside of its crop, where it says nothing.
  expect(volume.answer(1).logits).toEqual(alone.answer(1).logits);
  expect(encoded).toBe(4); // Two encodings and two objects.
  await volume.predict([{ ...near, clicks: [{ at: [1, 1, 8], foreground: false }] }, far]);
  expect(encoded).toBe(5);
});

test("what one run knew, another goes on from: crops and previous logits", async () => {
  const model = segmenter();
  const objects = [
    { label: 1, box: { min: [0, 0, 0] as Zyx, max: [2, 2, 4] as Zyx }, clicks: [] },
    { label: 2, box: { min: [2, 1, 80] as Zyx, max: [4, 4, 90] as Zyx }, clicks: [] },
  ];
  const clicked = objects.map((object, i) => ({
    ...object,
    clicks: [{ at: [1, 1, 40 * i] as Zyx, foreground: true }],
  }));
  for (const crops of ["object", "case"] as const) {
    const first = opened(model, [4, 4, 120], 600, crops);
    await first.predict(objects);
    const resume = structuredClone(first.state());
    const second = openVolume(model, image([4, 4, 120]), { crops, maxVoxels: 600, resume });
    close.push(second.dispose);
    expect((await second.predict(clicked)).labels).toEqual((await first.predict(clicked)).labels);
    for (const label of [1, 2]) expect(second.answer(label)).toEqual(first.answer(label));
    expect(first.answer(2).frame.crop.min[2]).toBe(crops === "object" ? 8 : 0); // 40 - 32
  }
});

test("a box smaller than the crop given as roi does not move it", async () => {
  const volume = openVolume(segmenter(), image([8, 16, 40]), {
    crops: "case",
    maxVoxels: 10_000,
    roi: { min: [0, 0, 0], max: [8, 16, 16] },
  });
  close.push(volume.dispose);
  await volume.predict([{ label: 1, box, clicks: [] }]);
  expect(volume.answer(1).frame.crop.max).toEqual([8, 16, 16]);
});

test("the first prediction does not depend on what else is segmented, and equal prompts give equal masks", async () => {
  const model = segmenter(4);
  const alone = await opened(model, [8, 16, 16]).predict([{ label: 2, box, clicks: [] }]);
  const other = { min: [0, 0, 0] as Zyx, max: [1, 1, 1] as Zyx };
  const both = opened(model, [8, 16, 16]);
  await both.predict([
    { label: 2, box, clicks: [] },
    { label: 1, box: other, clicks: [] },
  ]);
  const again = await both.predict([{ label: 2, box, clicks: [] }]);
  expect(again.labels).toEqual(alone.labels);
});

test("a click changes the answer through the prompts and through the previous logits", async () => {
  const model = segmenter();
  const click = { at: [4, 8, 8] as Zyx, foreground: true };
  const stepwise = opened(model, [8, 16, 16]);
  const first = await stepwise.predict([{ label: 1, box, clicks: [] }]);
  const second = await stepwise.predict([{ label: 1, box, clicks: [click] }]);
  const direct = await opened(model, [8, 16, 16]).predict([{ label: 1, box, clicks: [click] }]);
  expect(second.labels.data).not.toEqual(first.labels.data);
  expect(second.labels.data).not.toEqual(direct.labels.data);
});

test("an object that the model sees nowhere appears inside its box, and only there", async () => {
  const { labels, lost } = await opened(segmenter(-9), [8, 16, 16]).predict([{ label: 3, box, clicks: [] }]);
  expect(lost).toEqual([]);
  let inside = 0;
  labels.data.forEach((label, i) => {
    if (label !== 3) return;
    const [z, y, x] = [Math.floor(i / 256), Math.floor(i / 16) % 16, i % 16];
    expect(z >= 2 && z < 6 && y >= 3 && y < 9 && x >= 4 && x < 11, `${[z, y, x]}`).toBe(true);
    inside++;
  });
  expect(inside).toBeGreaterThan(0);
});

test("prompts that cannot be meant are refused", async () => {
  const volume = opened(segmenter(), [8, 8, 8]);
  const click = (at: Zyx) => [{ label: 1, clicks: [{ at, foreground: true }] }];
  await expect(volume.predict(click([0, 8, 0]))).rejects.toThrow("click: expected a voxel of [8,8,8], got [0,8,0]");
  await expect(volume.predict([{ label: 0, clicks: [] }])).rejects.toThrow("expected a positive whole number");
  const twice = [...click([0, 0, 0]), ...click([1, 1, 1])];
  await expect(volume.predict(twice)).rejects.toThrow("expected each object once");
  const reversed = { min: [2, 2, 2] as Zyx, max: [2, 3, 3] as Zyx };
  await expect(volume.predict([{ label: 1, box: reversed, clicks: [] }])).rejects.toThrow("box: expected voxels of");
});

test("others are heard after the encoder and after each object, and may end the work", async () => {
  const heard: string[] = [];
  const pause = async () => {
    heard.push("heard");
    if (heard.length === 6) throw new Error("ended");
  };
  const volume = openVolume(segmenter(), image([8, 16, 16]), { crops: "case", maxVoxels: 10_000, pause });
  close.push(volume.dispose);
  const objects = [1, 2].map((label) => ({ label, clicks: [{ at: [4, 8, label] as Zyx, foreground: true }] }));
  await volume.predict(objects);
  expect(heard).toHaveLength(3); // the encoder and two objects
  const more = [1, 2, 3, 4].map((label) => ({ label, clicks: [{ at: [4, 9, label] as Zyx, foreground: true }] }));
  await expect(volume.predict(more)).rejects.toThrow("ended"); // after the third of four; nothing to encode
});

test("objects exclude each other if they are told to: as if the clicks had been given; alone an object is the same to the bit", async () => {
  const model = segmenter();
  const stored = image([8, 16, 24]);
  const click = (x: number, foreground: boolean) => ({ at: [4, 8, x] as Zyx, foreground });
  const given = [
    { label: 1, clicks: [click(4, true)] },
    { label: 2, clicks: [click(20, true)] },
  ];
  const answers = async (objects: typeof given, exclusive?: boolean) => {
    const volume = openVolume(model, stored, { crops: "case", maxVoxels: 10_000, exclusive });
    close.push(volume.dispose);
    await volume.predict(objects);
    return objects.map(({ label }) => volume.answer(label).logits);
  };
  const plain = await answers(given);
  const exclusive = await answers(given, true);
  expect(await answers(given, false)).toEqual(plain);
  expect(exclusive).not.toEqual(plain);
  const said = [
    { label: 1, clicks: [click(4, true), click(20, false)] },
    { label: 2, clicks: [click(20, true), click(4, false)] },
  ];
  expect(exclusive).toEqual(await answers(said));
  expect(await answers(given.slice(0, 1), true)).toEqual(await answers(given.slice(0, 1)));
});

test("a model that takes positions in mm sees how thick slices are; one in voxels does not", async () => {
  const click = { at: [4, 8, 4] as Zyx, foreground: true };
  const logits = async (coordinates: "voxels" | "mm", spacing?: Zyx) => {
    const model = loadModel(minuteModel(0), { ...minuteConfig, coordinates });
    close.push(model.dispose);
    const volume = openVolume(model, image([8, 16, 24]), { crops: "case", maxVoxels: 10_000, spacing });
    close.push(volume.dispose);
    await volume.predict([{ label: 1, clicks: [click] }]);
    return volume.answer(1).logits;
  };
  const paper = await logits("voxels");
  expect(await logits("voxels", [6, 1, 1])).toEqual(paper);
  expect(await logits("mm", [1, 1, 1])).toEqual(paper);
  expect(await logits("mm", [6, 1, 1])).not.toEqual(paper);
});
