import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readImage, writeNifti, writeSafetensors } from "@ensam/core/files";
import type { Affine, Zyx } from "@ensam/core/geometry";
import { minuteConfig, minuteModel } from "@ensam/core/inference/testing";
import type { ObjectReport } from "@ensam/core/session";
import { afterAll, beforeAll, expect, test } from "vitest";
import { casesOf } from "./caseList.ts";
import { displayImage, displayWindows, valueRange } from "./displayImage.ts";
import { promptsJson, slicerMarkups } from "./exportPrompts.ts";

const run = promisify(execFile);
const shape: Zyx = [8, 10, 12];
const affine: Affine = [-2, 0, 0, 10, 0, 0, -3, 20, 0, 1, 0, -5, 0, 0, 0, 1];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const bare = { voxels: 0, waiting: 0, strokes: [], startsFromMask: false, isUnseen: false, isCut: false };
const objects: ObjectReport[] = [
  {
    ...bare,
    label: 3,
    name: "liver",
    colour: "#ff8000",
    prompts: [
      { event: 2, kind: "click", at: [1, 2, 3], foreground: true },
      { event: 3, kind: "box", box: { min: [0, 1, 2], max: [4, 6, 8] } },
      { event: 4, kind: "click", at: [7, 9, 11], foreground: false },
    ],
  },
  {
    ...bare,
    label: 4,
    name: "12",
    colour: "#00ff00",
    prompts: [{ event: 6, kind: "click", at: [4, 4, 4], foreground: true }],
  },
  {
    ...bare,
    label: 5,
    name: "liver",
    colour: "#0000ff",
    prompts: [{ event: 8, kind: "click", at: [5, 5, 5], foreground: true }],
  },
  {
    ...bare,
    label: 6,
    name: "air",
    colour: "#0000ff",
    prompts: [{ event: 9, kind: "click", at: [0, 0, 0], foreground: false }],
  },
];

test("the exported prompts are taken by ensam-segment as they are", async () => {
  const prompts = promptsJson(objects);
  expect(prompts).toEqual({
    space: "voxel",
    objects: [
      {
        label: 3,
        name: "liver",
        // Both corners inside.
        box: [
          [0, 1, 2],
          [3, 5, 7],
        ],
        clicks: [
          { at: [1, 2, 3], kind: "fg" },
          { at: [7, 9, 11], kind: "bg" },
        ],
      },
      { label: 4, clicks: [{ at: [4, 4, 4], kind: "fg" }] },
      { label: 5, clicks: [{ at: [5, 5, 5], kind: "fg" }] },
    ],
  });
  const [image, file, model] = ["image.nii.gz", "prompts.json", "net.safetensors"].map((name) => join(folder, name));
  await writeNifti(image!, { data: Uint8Array.from({ length: 960 }, (_, i) => i % 251), shape }, affine);
  await writeFile(file!, JSON.stringify(prompts));
  await writeSafetensors(model!, minuteModel(0) as never, { config: JSON.stringify(minuteConfig) });
  const bin = fileURLToPath(new URL("../../cli-segment/bin/ensam-segment.js", import.meta.url));
  const argv = [image!, "--model", model!, "--prompts", file!, "--device", "cpu", "-o", join(folder, "mask.nii.gz")];
  const { stdout } = await run(process.execPath, [bin, ...argv]);
  const row = JSON.parse(stdout) as { objects: { label: number; box: unknown; clicks: unknown[] }[] };
  expect(row.objects.map(({ label, clicks }) => [label, clicks.length])).toEqual([
    [3, 2],
    [4, 1],
    [5, 1],
  ]);
});

test("markups lie in LPS millimetres where the voxels are", () => {
  const { markups } = slicerMarkups(objects, affine) as { markups: Record<string, unknown>[] };
  expect(markups.map(({ name, type }) => [name, type])).toEqual([
    ["3 liver inside", "Fiducial"],
    ["3 liver outside", "Fiducial"],
    ["3 liver box", "ROI"],
    ["4 12 inside", "Fiducial"],
    ["5 liver inside", "Fiducial"],
    ["6 air outside", "Fiducial"],
  ]);
  // Right = 10 - 2 x = 4, anterior = 20 - 3 z = 17, superior = y - 5 = -3.
  expect(markups[0]).toMatchObject({ coordinateSystem: "LPS", controlPoints: [{ position: [-4, -17, -3] }] });
  // The middle is voxel (1.5, 3, 4.5); x 6 voxels of 2 mm, y 5 of 1, z 4 of 3. x runs left, y up, z to the back.
  expect(markups[2]).toMatchObject({
    center: [-1, -15.5, -2],
    size: [12, 5, 12],
    orientation: [1, 0, 0, 0, 0, 1, 0, 1, 0].map((value) => expect.closeTo(value)),
  });
});

test("the page gets the image's own grid and values as a NIfTI file; other types and gaps become float32", async () => {
  for (const data of [
    Int16Array.from({ length: 960 }, (_, i) => i - 300),
    Float64Array.from({ length: 960 }, (_, i) => (i === 5 ? Number.NaN : i === 6 ? Infinity : i / 7 - 2)),
  ]) {
    const source = join(folder, `source${data.BYTES_PER_ELEMENT}.nii`);
    await writeNifti(source, { data, shape }, affine);
    const image = await readImage(source);
    const shown = join(folder, `shown${data.BYTES_PER_ELEMENT}.nii`);
    await writeFile(shown, displayImage(image));
    const again = await readImage(shown);
    expect(again.affine).toEqual(image.affine);
    const expected = Float32Array.from(data, (value) => (Number.isFinite(value) ? value : -2));
    expect(Float32Array.from(again.volume.data)).toEqual(expected);
  }
});

test("windows: a CT's own first, percentiles for others; a constant image has one of a width", () => {
  const hu = Int16Array.from({ length: 1000 }, (_, i) => i - 500);
  expect(valueRange(hu)).toEqual([-500, 499]);
  const ct = displayWindows(hu, valueRange(hu), { level: 400, width: 1800 });
  expect(ct.map(({ name }) => name)).toEqual(["bone", "soft", "lung", "brain", "automatic", "full range"]);
  expect(ct[0]).toEqual({ name: "bone", low: -500, high: 1300 });
  // numpy.percentile(-500..499, [0.5, 99.5]) = -495.005, 494.005
  const [automatic] = displayWindows(hu, valueRange(hu));
  expect(automatic).toEqual({ name: "automatic", low: expect.closeTo(-495.005, 3), high: expect.closeTo(494.005, 3) });
  expect(displayWindows(new Uint8Array(9), [0, 0])[0]).toEqual({ name: "automatic", low: 0, high: 1 });
  expect(valueRange(Float32Array.of(Number.NaN))).toEqual([0, 1]);
});

test("a folder stands for its images in the order of their names, each with a log of its own", async () => {
  for (const name of ["b.nii.gz", "a.nrrd", "notes.txt"]) await writeFile(join(folder, name), "");
  const cases = casesOf([folder], "/", "/logs").map(({ name, log }) => [name, log]);
  expect(cases.slice(0, 2)).toEqual([
    ["a.nrrd", "/logs/a.session.ndjson"],
    ["b.nii.gz", "/logs/b.session.ndjson"],
  ]);
  expect(casesOf(["a.nrrd"], folder)[0]?.log).toBe(join(folder, "a.session.ndjson"));
  await writeFile(join(folder, "a.nii"), "");
  expect(() => casesOf(["a.nrrd", "a.nii"], folder)).toThrow("expected a log of its own");
  expect(() => casesOf(["none.nii"], folder)).toThrow("expected an image or a folder, found nothing");
  expect(() => casesOf([], folder)).toThrow("IMAGE: expected an image");
});
