import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeChallengeCase } from "@ensam/core/files";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadCase } from "./loadCase.ts";
import { writePhantom } from "./testing/phantom.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ensam-case-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const grid = (shape: [number, number, number], Type: Uint8ArrayConstructor | Float32ArrayConstructor = Uint8Array) => ({
  data: new Type(shape[0] * shape[1] * shape[2]),
  shape,
});
const path = () => join(folder, "case.npz");

test("image and labels come out on one grid", async () => {
  await writePhantom(folder, "case");
  const { imgs, gts } = await loadCase(path());
  expect(imgs.shape).toEqual([10, 12, 11]);
  expect(gts.data).toContain(2);
});

test("a file that is cut short or no zip is refused with its path", async () => {
  await writePhantom(folder, "case");
  writeFileSync(path(), readFileSync(path()).subarray(0, 300));
  await expect(loadCase(path())).rejects.toThrow(/case\.npz: expected/);
  writeFileSync(path(), "not a zip");
  await expect(loadCase(path())).rejects.toThrow(/case\.npz: expected/);
});

test("a missing key, another shape and another type of image are refused in words", async () => {
  await writeChallengeCase(path(), { imgs: grid([2, 3, 4]) });
  await expect(loadCase(path())).rejects.toThrow(/gts/);
  await writeChallengeCase(path(), { imgs: grid([2, 3, 4]), gts: grid([2, 3, 5]) as never });
  await expect(loadCase(path())).rejects.toThrow("gts: expected shape [2,3,4] as imgs, got [2,3,5]");
  await writeChallengeCase(path(), { imgs: grid([2, 3, 4], Float32Array), gts: grid([2, 3, 4]) as never });
  await expect(loadCase(path())).rejects.toThrow("imgs: expected uint8 intensities 0..255, got Float32Array");
});
