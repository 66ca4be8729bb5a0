import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noTurn } from "../geometry/index.ts";
import type { SessionHeader } from "./sessionLog.ts";
import { openSessionLog } from "./sessionLog.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const header: SessionHeader = {
  type: "session",
  version: 1,
  image: "scan.nii.gz",
  shape: [2, 2, 2],
  greyLevels: "00",
  intensity: { rule: "unchanged" },
  turn: noTurn,
  model: "net.safetensors",
  maxVoxels: 8,
};

test("a log that is closed at once is on the disk first: no sync meets a closed file", async () => {
  for (let i = 0; i < 40; i++) {
    const path = join(folder, `${i}.ndjson`);
    const log = openSessionLog(path, header);
    const appended = log.append({ n: 1, type: "object", label: 1, name: "liver", colour: "#ff8800" });
    const closed = log.close();
    await expect(appended).resolves.toBeUndefined();
    await closed;
    expect((await readFile(path, "utf8")).trimEnd().split("\n")).toHaveLength(2);
  }
});

test("a log without events is closed without waiting for anybody", async () => {
  for (let i = 0; i < 40; i++) await openSessionLog(join(folder, `empty-${i}.ndjson`), header).close();
  expect(await readFile(join(folder, "empty-0.ndjson"), "utf8")).toBe(`${JSON.stringify(header)}\n`);
});
