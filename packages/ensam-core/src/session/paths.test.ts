import { afterAll, beforeAll, expect, test } from "vitest";
import type { Zyx } from "../geometry/index.ts";
import { loadModel, type Segmenter } from "../inference/index.ts";
import { minuteConfig, minuteModel } from "../inference/testing/index.ts";
import { type Device, openDevice } from "../tensors/index.ts";
import { type Grid, randomStream } from "../voxels/index.ts";
import { openSession, type SessionEvent } from "./index.ts";

const shape: Zyx = [10, 12, 9];
const image: Grid<Uint8Array> = { data: Uint8Array.from({ length: 1080 }, (_, i) => (i * 37) % 256), shape };
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

test("whatever way a session came, restored and played again it has the same masks", async () => {
  const turn = { order: [2, 0, 1], flips: [true, false, true] } as const;
  const options = { turn, maxVoxels: 4096, cropWithoutBox: 3 };
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const random = randomStream(seed, "session");
    const upTo = (n: number) => Math.min(n - 1, Math.floor(random.uniform(0, n)));
    const point = (): Zyx => [upTo(10), upTo(12), upTo(9)];
    const session = openSession(segmenter, image, options);
    for (let i = 0; i < 16; i++) {
      const event = drawEvent(1 + upTo(3), upTo(12), point, upTo);
      await session.apply(event).catch((error: Error) => expect(error.name).toBe("EventError"));
    }
    const [restored, again] = [openSession(segmenter, image, options), openSession(segmenter, image, options)];
    await restored.restore(session.events);
    expect(restored.labels.data).toEqual(session.labels.data);
    for (const { n, ...event } of session.events) expect((await again.apply(event as SessionEvent)).n).toBe(n);
    expect(again.labels.data).toEqual(session.labels.data);
    for (const opened of [session, restored, again]) opened.dispose();
  }
});

function drawEvent(label: number, kind: number, point: () => Zyx, upTo: (n: number) => number): SessionEvent {
  if (kind <= 1) return { type: "object", label, name: "x", colour: "#000000" };
  if (kind <= 5)
    return { type: "click", label, at: point(), foreground: upTo(3) > 0, ...(upTo(4) === 0 && { waits: true }) };
  if (kind === 6) {
    const [a, b] = [point(), point()];
    const min = a.map((v, i) => Math.min(v, b[i]!)) as unknown as Zyx;
    return { type: "box", label, min, max: a.map((v, i) => Math.max(v, b[i]!) + 1) as unknown as Zyx };
  }
  if (kind === 7) return { type: "stroke", label, adds: upTo(2) === 0, runs: [upTo(1000), 1 + upTo(60)] };
  if (kind === 8) return { type: "remove", event: 1 + upTo(14) };
  if (kind === 9) return { type: "redo" };
  return kind === 10 ? { type: "undo" } : { type: "predict" };
}
