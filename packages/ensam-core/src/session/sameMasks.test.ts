import { afterAll, beforeAll, expect, test } from "vitest";
import { type PromptedObject, voxelCount, type Zyx } from "../geometry/index.ts";
import { loadModel, openVolume, type Segmenter } from "../inference/index.ts";
import { minuteConfig, minuteModel } from "../inference/testing/index.ts";
import { simulation } from "../prompts/index.ts";
import { type Device, openDevice } from "../tensors/index.ts";
import { type Grid, labelBoxes, randomStream } from "../voxels/index.ts";
import { openSession } from "./index.ts";

// One way from prompts to masks: a person's session and the simulated user's volume are told the same and see the same.
const shape: Zyx = [14, 40, 60];
let device: Device;
let segmenter: Segmenter;
beforeAll(async () => {
  device = await openDevice("cpu");
  segmenter = loadModel(minuteModel(0.3), minuteConfig);
});
afterAll(() => {
  segmenter.dispose();
  device.dispose();
});

/** Noise, and three objects: two cuboids apart from each other, and a large one between them. */
function madeCase() {
  const random = randomStream(3, "same masks");
  const image: Grid<Uint8Array> = {
    data: Uint8Array.from({ length: voxelCount(shape) }, () => random.int(0, 256)),
    shape,
  };
  const truth = { data: new Uint8Array(voxelCount(shape)), shape };
  const cuboids = [
    [2, 3, 4, 6, 9, 12],
    [1, 12, 8, 12, 34, 50],
    [8, 30, 52, 12, 38, 58],
  ] as const;
  for (const [i, [z0, y0, x0, z1, y1, x1]] of cuboids.entries())
    for (let z = z0; z < z1; z++)
      for (let y = y0; y < y1; y++)
        truth.data.fill(i + 1, (z * shape[1] + y) * shape[2] + x0, (z * shape[1] + y) * shape[2] + x1);
  return { image, truth };
}

test.each([["boxes"], ["clicks alone"]])(
  "the simulated user's prompts give a session the same masks: %s",
  async (kind) => {
    const { image, truth } = madeCase();
    const options = { maxVoxels: 3000, turn: { order: [0, 2, 1], flips: [false, true, false] } as const };
    const boxes = new Map(kind === "boxes" ? [...labelBoxes(truth)].map(([label, { box }]) => [label, box]) : []);
    const volume = openVolume(segmenter, image, { ...options, crops: "object" });
    const session = openSession(segmenter, image, options);
    for (const label of [1, 2, 3]) await session.apply({ type: "object", label, name: `${label}`, colour: "#ff8800" });
    const said = new Map<number, number>();
    let pooled = 0;
    await simulation(truth, { labels: [1, 2, 3], boxes, clicks: 3 }, async ({ objects }) => {
      const { labels, rescued, lost } = await volume.predict(objects);
      for (const { label, box, clicks } of objects as PromptedObject[]) {
        if (!said.has(label) && box !== undefined) await session.apply({ type: "box", label, ...box });
        for (const click of clicks.slice(said.get(label) ?? 0)) await session.apply({ type: "click", label, ...click });
        said.set(label, clicks.length);
        expect(session.answer(label)).toEqual(volume.answer(label));
        if (voxelCount(volume.answer(label).frame.pooling) > 1) pooled++;
      }
      expect([rescued, lost]).toEqual([[], []]);
      expect(session.labels.data).toEqual(labels.data);
      return { labels, seconds: 0 };
    });
    expect([...said.values()].every((clicks) => clicks > 0)).toBe(true);
    expect(new Set(session.labels.data).size).toBeGreaterThan(2);
    expect(pooled).toBeGreaterThan(0);
    const crops = [1, 2, 3].map((label) => volume.answer(label).frame.crop);
    expect(new Set(crops.map((crop) => JSON.stringify(crop))).size).toBe(kind === "boxes" ? 3 : 1);
    volume.dispose();
    session.dispose();
  },
);
