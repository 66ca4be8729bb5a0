import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SourceRow } from "@ensam/core/command";
import { callCommand } from "@ensam/core/command/testing";
import { readImage, readLabels } from "@ensam/core/files";
import { labelBoxes } from "@ensam/core/voxels";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { main } from "./command.ts";
import { makePhantom, makers } from "./makePhantomSet.ts";
import { orient } from "./orient.ts";

const settings = { seed: 5, size: 64, objects: 8, smallest: 40 };
const modalities = Object.keys(makers) as SourceRow["modality"][];
const made = Object.fromEntries(modalities.map((modality) => [modality, makePhantom(modality, "train", 0, settings)]));

describe.each(modalities)("a %s phantom", (modality) => {
  const { row, image, labels } = made[modality]!;

  test("has sides of 40 to 72 voxels", () => {
    for (const side of image.shape) {
      expect(side).toBeGreaterThanOrEqual(40);
      expect(side).toBeLessThanOrEqual(73);
    }
  });

  test("labels several objects 1, 2, ..., each named and of at least 40 voxels", () => {
    const found = labelBoxes(labels);
    expect([...found.keys()].map(String)).toEqual(Object.keys(row.labels!));
    expect(found.size).toBeGreaterThanOrEqual(3);
    expect(found.size).toBeLessThanOrEqual(8);
    for (const { voxels } of found.values()) expect(voxels).toBeGreaterThanOrEqual(40);
    expect(new Set(Object.values(row.labels!)).size).toBe(found.size);
  });

  test("is the same for the same seed and another one for another", () => {
    expect(makePhantom(modality, "train", 0, settings).image.data).toEqual(image.data);
    expect(makePhantom(modality, "test", 0, settings).image.data).not.toEqual(image.data);
    expect(makePhantom(modality, "train", 0, { ...settings, seed: 6 }).image.data).not.toEqual(image.data);
  });

  test("holds finite values", () => {
    expect(image.data.every(Number.isFinite)).toBe(true);
  });
});

/** Mean intensity of the voxels with a label. */
function meanOf({ image, labels, row }: (typeof made)[string], name: string): number {
  const label = Number(Object.entries(row.labels!).find(([, known]) => known === name)![0]);
  const inside = Array.from(image.data).filter((_, i) => labels.data[i] === label);
  return inside.reduce((sum, value) => sum + value, 0) / inside.length;
}

test("CT is in Hounsfield units: air at -1000, bone above 500, organs told apart by the soft window", () => {
  const all = { ...settings, objects: 99 };
  const phantom = [0, 1, 2, 3].map((i) => makePhantom("CT", "train", i, all)).find(({ row }) => row.window === "soft")!;
  const sorted = Float64Array.from(phantom.image.data).sort();
  expect(sorted[0]).toBeGreaterThanOrEqual(-1024);
  expect(sorted[Math.floor(sorted.length * 0.1)]).toBeLessThan(-960);
  expect(sorted.at(-1)).toBeGreaterThan(500);
  const [liver, spleen, kidney] = ["liver", "spleen", "left kidney"].map((name) => meanOf(phantom, name));
  for (const value of [liver, spleen, kidney]) expect(value).toBeGreaterThan(40);
  expect(spleen! - liver!).toBeGreaterThan(5); // 118 against 98 HU before noise and partial volume
  expect(kidney! - spleen!).toBeGreaterThan(5);
});

test("PET lesions are hotter than the body around them", () => {
  const phantom = makePhantom("PET", "train", 0, { ...settings, objects: 99 });
  const body = Array.from(phantom.image.data).filter((value, i) => value > 0.3 && phantom.labels.data[i] === 0);
  const background = body.reduce((sum, value) => sum + value, 0) / body.length;
  expect(meanOf(phantom, "lesion 1")).toBeGreaterThan(2 * background);
});

test("ultrasound is black outside the cone and darker in the chamber than in its wall", () => {
  const phantom = makePhantom("US", "train", 0, settings);
  const black = phantom.image.data.filter((value) => value === 0).length / phantom.image.data.length;
  expect(black).toBeGreaterThan(0.2);
  expect(meanOf(phantom, "left ventricle")).toBeLessThan(meanOf(phantom, "left ventricular wall") - 40);
});

test("orienting moves voxels and affine together", () => {
  const data = Float32Array.from({ length: 2 * 3 * 4 }, (_, i) => i);
  const painted = {
    data,
    shape: [2, 3, 4] as const,
    spacing: [5, 2, 1] as const,
    labels: new Uint8Array(24),
    names: new Map(),
  };
  const layout = { axes: [1, 0, 2] as const, flips: [true, false, false] as const, tilt: 0 };
  const { image, affine } = orient(painted, layout);
  expect(image.shape).toEqual([3, 2, 4]);
  expect(image.spacing).toEqual([2, 5, 1]);
  const placeOf = (z: number, y: number, x: number) =>
    [0, 1, 2].map((r) => affine[4 * r]! * x + affine[4 * r + 1]! * y + affine[4 * r + 2]! * z + affine[4 * r + 3]!);
  // Stored (z, y, x) = (0, 1, 3) is painted (z, y, x) = (1, 2, 3): voxel 1·12 + 2·4 + 3 = 23. Its place, from the
  // painted centre: x (3 - 1.5)·1 to the left, y (2 - 1)·2 to the back, z (1 - 0.5)·5 up.
  expect(image.data[(0 * 2 + 1) * 4 + 3]).toBe(23);
  expect(placeOf(0, 1, 3)).toEqual([-1.5, -2, 2.5]);
  // Stored (1, 0, 3) is painted (0, 1, 3): voxel 0·12 + 1·4 + 3 = 7, in the middle of y, z (0 - 0.5)·5 down.
  expect(image.data[(1 * 2 + 0) * 4 + 3]).toBe(7);
  expect(placeOf(1, 0, 3)).toEqual([-1.5, 0, -2.5]);
});

describe("the command", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "phantoms-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("writes NIfTI pairs and rows for training and testing, the same bytes each time", async () => {
    const argv = ["--cases", "1", "--test", "1", "--size", "24", "--modality", "PET,US", "--quiet"];
    for (const name of ["a", "b"]) expect((await callCommand(main, ["-o", join(folder, name), ...argv])).code).toBe(0);
    const rows = (await readFile(join(folder, "a", "sources.ndjson"), "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows.map(({ modality }) => modality)).toEqual(["PET", "US", "PET", "US"]);
    for (const row of rows as SourceRow[]) {
      const image = await readImage(join(folder, "a", row.image));
      const { labels } = await readLabels(join(folder, "a", row.label!));
      expect(labels.shape).toEqual(image.volume.shape);
      for (const path of [row.image, row.label!]) {
        expect(await readFile(join(folder, "b", path))).toEqual(await readFile(join(folder, "a", path)));
      }
    }
  });
});
