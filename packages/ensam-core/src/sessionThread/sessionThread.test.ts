import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeSafetensors } from "../files/index.ts";
import { noTurn, type Zyx } from "../geometry/index.ts";
import { minuteConfig, minuteModel } from "../inference/testing/index.ts";
import type { SessionEvent } from "../session/index.ts";
import { type SessionImage, type SessionThread, startSessionThread } from "./index.ts";

const shape: Zyx = [16, 20, 24];
const data = Uint8Array.from({ length: 7680 }, (_, i) => (i * 31 + (i % 24) * 9) % 256);
/** The compiled worker: Node 20 runs no TypeScript. */
const worker = new URL("../../dist/sessionThread/sessionWorker.js", import.meta.url);
let folder: string;
let thread: SessionThread;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-test-"));
  const metadata = { config: JSON.stringify(minuteConfig) };
  await writeSafetensors(join(folder, "net.safetensors"), minuteModel(0) as never, metadata);
  thread = await startSessionThread({ model: join(folder, "net.safetensors"), device: "cpu" }, worker);
});
afterAll(async () => {
  await thread.close();
  await rm(folder, { recursive: true, force: true });
});

function image(log?: string, grey = data): SessionImage {
  const header = { image: "scan.nii.gz", intensity: { rule: "unchanged" }, turn: noTurn, cropWithoutBox: 4 };
  return { image: { data: grey, shape }, header, ...(log && { log: join(folder, log) }) };
}
const events: SessionEvent[] = [
  { type: "object", label: 3, name: "liver", colour: "#ff8800" },
  { type: "click", label: 3, at: [8, 10, 12], foreground: true },
  { type: "click", label: 3, at: [8, 12, 12], foreground: false },
  { type: "undo" },
  { type: "box", label: 3, min: [2, 3, 4], max: [9, 12, 20] },
];

test("every event is in the log before it is answered, and the image opened again has the same masks", async () => {
  const first = await thread.open(image("a.ndjson"));
  expect(first.restored).toBe(0);
  for (const [i, event] of events.entries()) {
    await first.apply(event);
    const lines = (await readFile(join(folder, "a.ndjson"), "utf8")).trimEnd().split("\n");
    expect(JSON.parse(lines.at(-1)!)).toEqual({ ...event, n: i + 1 });
  }
  const masks = await first.labels();
  expect(masks.filter((value) => value === 3).length).toBeGreaterThan(0);
  const report = await first.report();
  await first.close();

  const steps: number[] = [];
  const second = await thread.open(image("a.ndjson"), (done) => steps.push(done));
  expect(second).toMatchObject({ restored: 5, notes: [] });
  expect(steps).toEqual([1, 2, 3]);
  expect(await second.report()).toEqual(report);
  expect(await second.labels()).toEqual(masks);
  await second.close();
});

test("a line that a killed process left half-written is cut off and said", async () => {
  const log = join(folder, "torn.ndjson");
  const first = await thread.open(image("torn.ndjson"));
  for (const event of events.slice(0, 2)) await first.apply(event);
  const masks = await first.labels();
  await first.close();
  const whole = await readFile(log, "utf8");
  await appendFile(log, '{"type":"click","label":3,"at":[1,');
  const second = await thread.open(image("torn.ndjson"));
  expect(second.notes).toEqual([`${log}: the last line was not whole and does not count`]);
  expect(await second.labels()).toEqual(masks);
  expect(await readFile(log, "utf8")).toBe(whole);
  await second.close();
});

test("events that cannot be are refused by name and not written; the session goes on", async () => {
  const session = await thread.open(image("b.ndjson"));
  await session.apply(events[0]!);
  const before = await readFile(join(folder, "b.ndjson"), "utf8");
  const outside = session.apply({ type: "click", label: 3, at: [16, 0, 0], foreground: true });
  await expect(outside).rejects.toMatchObject({
    name: "EventError",
    message: "click: expected a voxel (z, y, x) of [16,20,24], got [16,0,0]",
  });
  expect(await readFile(join(folder, "b.ndjson"), "utf8")).toBe(before);
  expect((await session.apply(events[1]!)).n).toBe(2);
  await session.close();
});

test("two sessions at once keep apart, and calls are answered in their order", async () => {
  const [a, b] = await Promise.all([thread.open(image()), thread.open(image())]);
  const answers = events.flatMap((event) => [a.apply(event), b.apply(event)]);
  const seen: number[] = [];
  for (const [i, answer] of answers.entries()) void answer.then(() => seen.push(i));
  await Promise.all(answers);
  expect(seen).toEqual(answers.map((_, i) => i));
  await a.apply({ type: "drop", label: 3 });
  expect((await a.report()).objects).toEqual([]);
  expect((await b.report()).objects).toHaveLength(1);
  await Promise.all([a.close(), b.close()]);
});

test("a log of another image or of other grey levels, and a file that is no log, are refused and stay", async () => {
  await (await thread.open(image("c.ndjson"))).close();
  const before = await readFile(join(folder, "c.ndjson"));
  const other = image(
    "c.ndjson",
    data.map((value) => 255 - value),
  );
  await expect(thread.open(other)).rejects.toThrow(
    `${join(folder, "c.ndjson")}: expected the session of this image with these grey levels, got that of other grey levels`,
  );
  const smaller = { ...image("c.ndjson"), image: { data: data.slice(0, 3840), shape: [8, 20, 24] as Zyx } };
  await expect(thread.open(smaller)).rejects.toThrow("expected the session of an image of 8 x 20 x 24 voxels");
  const mirrored = { order: [0, 1, 2], flips: [false, false, true] } as const;
  const turned = { ...image("c.ndjson"), header: { ...image().header, turn: mirrored } };
  await expect(thread.open(turned)).rejects.toThrow("expected the session of an image with axes RPS, got LPS");
  expect(await readFile(join(folder, "c.ndjson"))).toEqual(before);
  for (const [text, message] of [
    ["", "expected the log of a session"],
    ['{"type":"case"}\n', "expected the log of a session"],
    [`${before}`.replace('"order":[0', '"order":[1'), "expected the log of a session"],
    ["junk\n", "expected JSON in line 1"],
  ] as const) {
    await writeFile(join(folder, "d.ndjson"), text);
    await expect(thread.open(image("d.ndjson"))).rejects.toThrow(message);
    expect(await readFile(join(folder, "d.ndjson"), "utf8")).toBe(text);
  }
  await writeFile(
    join(folder, "e.ndjson"),
    `${before}{"n":1,"type":"click","label":4,"at":[0,0,0],"foreground":true}\n`,
  );
  await expect(thread.open(image("e.ndjson"))).rejects.toThrow(
    "expected events that follow from each other, got click: expected an object that is there (none), got 4 (line 2)",
  );
});

test("a model or a device that is not there is told with its exit code", async () => {
  const model = join(folder, "none.safetensors");
  await expect(startSessionThread({ model, device: "cpu" }, worker)).rejects.toMatchObject({ exitCode: 3 });
  const there = join(folder, "net.safetensors");
  await expect(startSessionThread({ model: there, device: "tensorflow" }, worker)).rejects.toMatchObject({
    exitCode: 4,
  });
});

test("without a compiled worker the sessions live in this thread", async () => {
  const here = await startSessionThread(
    { model: join(folder, "net.safetensors"), device: "cpu" },
    new URL("./none.js", import.meta.url),
  );
  const session = await here.open(image());
  for (const event of events) await session.apply(event);
  const there = await thread.open(image());
  for (const event of events) await there.apply(event);
  expect(await session.labels()).toEqual(await there.labels());
  await here.close();
});
