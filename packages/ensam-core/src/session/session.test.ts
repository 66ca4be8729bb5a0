import { afterAll, beforeAll, expect, test } from "vitest";
import { type AxisTurn, inverseTurn, noTurn, turnBox, turnVoxel, type Zyx } from "../geometry/index.ts";
import { loadModel, type Segmenter } from "../inference/index.ts";
import { minuteConfig, minuteModel } from "../inference/testing/index.ts";
import { type Device, openDevice, tf } from "../tensors/index.ts";
import { type Grid, turnGrid } from "../voxels/index.ts";
import { flatRunsOf, labelRunsOf, openSession, type Session, type SessionEvent, type SessionOptions } from "./index.ts";

const shape: Zyx = [16, 20, 24];
const image: Grid<Uint8Array> = {
  data: Uint8Array.from({ length: 16 * 20 * 24 }, (_, i) => (i * 31 + (i % 24) * 9) % 256),
  shape,
};
let device: Device;
let segmenter: Segmenter;
beforeAll(async () => {
  device = await openDevice("cpu");
  segmenter = loadModel(minuteModel(), minuteConfig);
});
afterAll(() => {
  segmenter.dispose();
  device.dispose();
});

const options: SessionOptions = { turn: noTurn, maxVoxels: 4096, cropWithoutBox: 4 };
const object = (label: number): SessionEvent => ({ type: "object", label, name: `object ${label}`, colour: "#ff8800" });
const click = (label: number, at: Zyx, foreground = true): SessionEvent => ({ type: "click", label, at, foreground });
const box = (label: number, min: Zyx, max: Zyx): SessionEvent => ({ type: "box", label, min, max });
const three: SessionEvent[] = [
  object(1),
  click(1, [8, 10, 12]),
  click(1, [8, 12, 12], false),
  object(7),
  box(7, [2, 3, 4], [9, 12, 20]),
  click(1, [7, 10, 13]),
];

async function played(events: readonly SessionEvent[], more: Partial<SessionOptions> = {}, grid = image) {
  const session = openSession(segmenter, grid, { ...options, ...more });
  for (const event of events) await session.apply(event);
  return session;
}

function ended(session: Session): Uint8Array {
  const { data } = session.labels;
  session.dispose();
  return data;
}

test("objects get masks by clicks and boxes, and each answer names the box of what changed", async () => {
  const session = openSession(segmenter, image, options);
  const mirror = new Uint8Array(image.data.length);
  for (const event of three) {
    const { changed, objects } = await session.apply(event);
    if (changed === undefined) continue;
    const { min, max } = changed.box;
    let i = 0;
    for (let z = min[0]; z < max[0]; z++)
      for (let y = min[1]; y < max[1]; y++)
        for (let x = min[2]; x < max[2]; x++) mirror[(z * 20 + y) * 24 + x] = changed.labels[i++]!;
    expect(mirror).toEqual(session.labels.data);
    for (const { label, voxels } of objects) expect(mirror.filter((value) => value === label)).toHaveLength(voxels);
  }
  const { objects } = session.report();
  expect(objects.map(({ label, voxels }) => [label, voxels > 0])).toEqual([
    [1, true],
    [7, true],
  ]);
  // Four voxels around the first click, then the clicks lie inside; the box is seen with 32 voxels more, so whole.
  expect(objects[0]!.crop).toEqual({ box: { min: [4, 6, 8], max: [13, 15, 17] }, factors: [1, 1, 1] });
  expect(objects[1]!.crop?.box).toEqual({ min: [0, 0, 0], max: shape });
  session.dispose();
});

test("undo goes back to the first event and redo to the last, with the same masks, also when none is kept", async () => {
  for (const historyBytes of [2 ** 30, 0]) {
    const session = openSession(segmenter, image, { ...options, historyBytes });
    const seen = [session.labels.data.slice()];
    for (const event of three) {
      await session.apply(event);
      seen.push(session.labels.data.slice());
    }
    for (let i = three.length - 1; i >= 0; i--) {
      await session.apply({ type: "undo" });
      expect(session.labels.data).toEqual(seen[i]);
    }
    expect(session.report()).toEqual({ objects: [], canUndo: false, canRedo: true });
    await expect(session.apply({ type: "undo" })).rejects.toThrow("undo: expected an event to undo, got none");
    for (let i = 1; i <= three.length; i++) {
      await session.apply({ type: "redo" });
      expect(session.labels.data).toEqual(seen[i]);
    }
    await expect(session.apply({ type: "redo" })).rejects.toThrow("redo: expected an event that was undone");
    session.dispose();
  }
});

test("a prompt that is taken back leaves the mask as if it had never been given", async () => {
  const without = await played(three.filter((_, i) => i !== 2));
  const expected = ended(without);
  const session = await played(three);
  expect(session.labels.data).not.toEqual(expected);
  await session.apply({ type: "remove", event: 3 });
  expect(session.labels.data).toEqual(expected);
  await session.apply({ type: "undo" });
  expect(ended(session)).toEqual(ended(await played(three)));
});

test("a restored session has the same masks and goes on in the same way", async () => {
  const first = await played([...three, { type: "undo" }, click(7, [5, 6, 7]), { type: "undo" }, { type: "undo" }]);
  const second = openSession(segmenter, image, options);
  await second.restore(JSON.parse(JSON.stringify(first.events)));
  expect(second.labels.data).toEqual(first.labels.data);
  expect(second.report()).toEqual(first.report());
  for (const event of [{ type: "redo" }, { type: "redo" }, click(1, [9, 9, 9])] as const) {
    expect(await second.apply(event)).toEqual(await first.apply(event));
  }
  expect(ended(second)).toEqual(ended(first));
});

test("an event that failed counts as never given, and so does one that cannot be", async () => {
  let fails = false;
  const pause = async () => {
    if (fails) throw new Error("out of memory");
  };
  const session = await played(three, { pause });
  const [before, report] = [session.labels.data.slice(), session.report()];
  fails = true;
  await expect(session.apply(click(1, [8, 8, 8]))).rejects.toThrow("out of memory");
  fails = false;
  for (const [event, message] of [
    [click(1, [16, 0, 0]), "click: expected a voxel (z, y, x) of [16,20,24], got [16,0,0]"],
    [click(2, [1, 1, 1]), "click: expected an object that is there (1, 7), got 2"],
    [
      box(1, [3, 3, 3], [3, 4, 4]),
      "box: expected voxels (z, y, x) of [16,20,24], min below max, got [3,3,3] to [3,4,4]",
    ],
    [object(7), "object: expected a label that is free, got 7"],
    [object(256), "object: label: expected 1 to 255, got 256"],
    [{ type: "remove", event: 99 }, "remove: expected the event of a prompt or a stroke, got 99"],
    [{ type: "stroke", label: 1, adds: true, runs: [7680, 1] }, "stroke: expected ascending runs below 7680"],
    [{ type: "predict" }, "predict: expected an object with waiting prompts, got none"],
    [{ type: "nonsense" } as never, 'session: expected a known event, got "nonsense"'],
  ] as const) {
    await expect(session.apply(event)).rejects.toThrow(message);
  }
  expect(session.labels.data).toEqual(before);
  expect(session.report()).toEqual(report);
  const { n } = await session.apply(click(1, [8, 8, 8]));
  expect(n).toBe(three.length + 1);
  const failing = [...session.events.slice(0, -1), { ...click(7, [1, 1, 1]), n }, { type: "failed" as const, n }];
  const restored = openSession(segmenter, image, options);
  await restored.restore([...failing, session.events.at(-1)!]);
  expect(ended(restored)).toEqual(ended(session));
});

test("prompts that wait are answered together as if they had come one by one", async () => {
  const waiting = three.map((event) => ("at" in event || "min" in event ? { ...event, waits: true } : event));
  const session = await played(waiting);
  expect(session.report().objects.map(({ waiting, voxels }) => [waiting, voxels])).toEqual([
    [3, 0],
    [1, 0],
  ]);
  await session.apply({ type: "predict" });
  expect(session.report().objects.map(({ waiting }) => waiting)).toEqual([0, 0]);
  expect(ended(session)).toEqual(ended(await played(three)));
});

test("a click outside alone waits for one that says where the object is", async () => {
  const session = await played([object(1), click(1, [8, 12, 12], false)]);
  expect(session.report().objects[0]).toMatchObject({ waiting: 1, voxels: 0 });
  await session.apply(click(1, [8, 10, 12]));
  expect(session.report().objects[0]).toMatchObject({ waiting: 0 });
  // The click inside goes first, whatever the order in which they were given.
  const other = await played([object(1), click(1, [8, 10, 12]), click(1, [8, 12, 12], false)]);
  expect(ended(session)).toEqual(ended(other));
});

test("an image whose axes are turned gives the same masks in its own grid", async () => {
  const turn: AxisTurn = { order: [2, 0, 1], flips: [true, false, true] };
  const stored = turnGrid(image, inverseTurn(turn));
  const back = inverseTurn(turn);
  const turned = three.map((event): SessionEvent => {
    if (event.type === "click") return { ...event, at: turnVoxel(back, shape, event.at) };
    return event.type === "box" ? { ...event, ...turnBox(back, shape, event) } : event;
  });
  const session = await played(turned, { turn }, stored);
  const { data } = turnGrid(session.labels, turn);
  expect(session.report().objects[0]!.crop?.box).toEqual(turnBox(back, shape, { min: [4, 6, 8], max: [13, 15, 17] }));
  expect(data).toEqual(ended(await played(three)));
  session.dispose();
});

test("strokes hold over later answers, the eraser takes only its own object away", async () => {
  const at = (z: number, y: number, x: number) => (z * 20 + y) * 24 + x;
  const painted = at(1, 1, 22);
  const session = await played([...three, { type: "stroke", label: 7, adds: true, runs: [painted, 4] }]);
  // The run goes over the end of its row: x 22, 23 and then 0, 1 of the next.
  for (const i of [0, 1, 2, 3]) expect(session.labels.data[painted + i]).toBe(7);
  await session.apply(click(1, [3, 3, 20]));
  for (const i of [0, 1, 2, 3]) expect(session.labels.data[painted + i]).toBe(7);
  await session.apply({ type: "stroke", label: 1, adds: false, runs: [painted, 2] });
  expect(session.labels.data[painted]).toBe(7);
  await session.apply({ type: "stroke", label: 7, adds: false, runs: [painted, 2] });
  expect([...session.labels.data.slice(painted, painted + 4)]).toEqual([0, 0, 7, 7]);
  await session.apply({ type: "remove", event: session.events.at(-1)!.n });
  expect(session.labels.data[painted]).toBe(7);
  session.dispose();
});

test("an object can start from a mask: shown as it is, then the model's previous answer", async () => {
  const mask = image.data.map((_, i) => (i % 24 > 10 && i % 24 < 15 && i > 2000 && i < 4000 ? 1 : 0));
  const runs = flatRunsOf(mask);
  const session = await played([object(2), { type: "mask", label: 2, runs }]);
  expect(session.labels.data).toEqual(mask.map((value) => 2 * value));
  expect(labelRunsOf(session.labels.data).get(2)).toEqual(runs);
  await session.apply(click(2, [6, 10, 12]));
  const fromMask = ended(session);
  expect(fromMask).not.toEqual(ended(await played([object(2), click(2, [6, 10, 12])], { cropWithoutBox: undefined })));
});

test("a mask that reaches the border of its crop says so, and the crop can grow", async () => {
  const session = await played([object(1), click(1, [8, 10, 12])], { cropWithoutBox: 2 });
  expect(session.report().objects[0]).toMatchObject({
    isCut: true,
    crop: { box: { min: [6, 8, 10], max: [11, 13, 15] } },
  });
  await session.apply({ type: "enlarge", label: 1, voxels: 3 });
  expect(session.report().objects[0]?.crop?.box).toEqual({ min: [3, 5, 7], max: [14, 16, 18] });
  await session.apply({ type: "undo" });
  expect(session.report().objects[0]?.crop?.box).toEqual({ min: [6, 8, 10], max: [11, 13, 15] });
  session.dispose();
});

test("features beyond the limit are freed, and all of them in the end", async () => {
  const before = tf.memory().numTensors;
  const session = openSession(segmenter, image, { ...options, keepCells: 1 });
  const held: number[] = [];
  for (const event of [object(1), click(1, [8, 10, 12]), object(2), click(2, [2, 2, 2]), click(1, [8, 9, 12])]) {
    await session.apply(event);
    held.push(tf.memory().numTensors - before);
  }
  expect(held[1]).toBeGreaterThan(0);
  expect(held).toEqual([0, held[1], held[1], held[1], held[1]]);
  session.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
