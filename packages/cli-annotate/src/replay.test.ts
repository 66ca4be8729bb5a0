import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callCommand } from "@ensam/core/command/testing";
import { readImage, writeNifti, writeSafetensors } from "@ensam/core/files";
import { type Affine, turnToLps, type Zyx } from "@ensam/core/geometry";
import { minuteConfig, minuteModel } from "@ensam/core/inference/testing";
import { guessedGreyLevels } from "@ensam/core/voxels";
import { afterAll, beforeAll, expect, test } from "vitest";
import { main } from "./main.ts";

const shape: Zyx = [8, 10, 12];
const ras: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
const object = { n: 1, type: "object", label: 1, name: "liver", colour: "#ff8800" };
const click = { n: 2, type: "click", label: 1, at: [4, 5, 6], foreground: true };
let folder: string;
let header: Record<string, unknown>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-test-"));
  const volume = { data: Uint8Array.from({ length: 960 }, (_, i) => i % 251), shape };
  await writeNifti(join(folder, "a.nii"), volume, ras);
  await writeNifti(join(folder, "las.nii"), volume, ras.with(0, -1));
  await writeNifti(join(folder, "long.nii"), { ...volume, shape: [10, 8, 12] }, ras);
  const model = join(folder, "net.safetensors");
  await writeSafetensors(model, minuteModel(0) as never, { config: JSON.stringify(minuteConfig) });
  const grey = guessedGreyLevels((await readImage(join(folder, "a.nii"))).volume, {}).image.data;
  header = {
    type: "session",
    version: 1,
    image: join(folder, "a.nii"),
    intensity: {},
    turn: turnToLps(ras),
    cropWithoutBox: 48,
    shape,
    greyLevels: createHash("sha256").update(grey).digest("hex"),
    model,
    maxVoxels: 4096,
  };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Replays a log of these events. */
async function replay(events: readonly object[], image: readonly string[] = []) {
  const log = join(folder, "log.ndjson");
  await writeFile(log, [header, ...events].map((line) => `${JSON.stringify(line)}\n`).join(""));
  const argv = ["--replay", "log.ndjson", "--model", "net.safetensors", "--device", "cpu", ...image];
  const { code, error, rows } = await callCommand(main, argv, { cwd: folder });
  return { code, rows, error: error.replaceAll(`${log}: `, "LOG: ").trimEnd().split("\n").at(-1) };
}

test("a log is played on its own image alone: another shape or other axes are refused", async () => {
  expect(await replay([object, click])).toMatchObject({ code: 0, rows: [{ n: 1 }, { n: 2 }] });
  expect(await replay([object, click], ["las.nii"])).toEqual({
    code: 3,
    rows: [],
    error: "ensam-annotate: LOG: expected the session of an image with axes LAS, got RAS",
  });
  expect((await replay([object], ["long.nii"])).error).toMatch("image of 10 x 8 x 12 voxels, got 8 x 10 x 12");
});

test("events that cannot be are wrong input, with their lines", async () => {
  const outside = { ...click, at: [8, 5, 6] };
  expect(await replay([object, outside])).toMatchObject({
    code: 3,
    error:
      "ensam-annotate: LOG: expected events that follow from each other, got click: expected a voxel (z, y, x) of [8,10,12], got [8,5,6] (line 3)",
  });
  expect(await replay([object, { n: 1, type: "failed" }, { ...object, n: 2 }, { ...object, n: 3 }])).toMatchObject({
    code: 3,
    error: expect.stringContaining("expected a label that is free, got 1 (line 5)"),
  });
  const { n: _, ...bare } = click;
  expect(await replay([object, bare])).toMatchObject({
    code: 3,
    error: expect.stringMatching(/LOG: expected an event with its number "n", from 1, in line 3, got \{"type":"click"/),
  });
});
