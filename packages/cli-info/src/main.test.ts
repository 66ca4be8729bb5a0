import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callCommand } from "@ensam/core/command/testing";
import { readImage, writeChallengeCase, writeMask, writeNifti } from "@ensam/core/files";
import type { Affine } from "@ensam/core/geometry";
import type { Zyx } from "@ensam/core/voxels";
import { afterAll, beforeAll, expect, test } from "vitest";
import { main } from "./main.ts";

const shape: Zyx = [2, 3, 4];
/** Voxels of 2 x 3 x 1 mm: x to the right, y to the front, z up. */
const affine: Affine = [1, 0, 0, -8, 0, 3, 0, -12, 0, 0, 2, 100, 0, 0, 0, 1];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-info-"));
  const data = Float32Array.from({ length: 24 }, (_, i) => i / 2 - 1);
  data[23] = Number.NaN;
  await writeNifti(join(folder, "mr.nii.gz"), { data, shape }, affine);
  const labels = { data: Uint8Array.from({ length: 24 }, (_, i) => (i < 5 ? 3 : i < 7 ? 1 : 0)), shape };
  const image = await readImage(join(folder, "mr.nii.gz"));
  await writeMask(join(folder, "seg.nii"), labels, [{ label: 3, name: "liver" }, { label: 1 }], image);
  await writeFile(join(folder, "bad.nii"), "no image");
  const imgs = { data: new Uint8Array(24), shape };
  await writeChallengeCase(join(folder, "case.npz"), { imgs, gts: labels, spacing: [2, 3, 1] });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const info = (...argv: string[]) => callCommand(main, argv, { cwd: folder });

test("a row has shape, spacing, axes, values without NaN, and the label map beside, counted and named", async () => {
  const { code, rows } = await info("mr.nii.gz", "--labels", "seg.nii", "--json");
  expect(code).toBe(0);
  expect(rows).toMatchObject([
    {
      type: "image",
      image: join(folder, "mr.nii.gz"),
      format: "nifti-1",
      stored: "float32",
      shape: [2, 3, 4],
      spacing: [2, 3, 1],
      axes: "RAS",
      isSheared: false,
      affine: [...affine],
      values: { min: -1, max: 10, mean: 4.5 },
      notFinite: 1,
      unit: null,
      series: null,
      labels: { 1: { voxels: 2, volumeMm3: 12 }, 3: { voxels: 5, volumeMm3: 30, name: "liver" } },
      labelsFrom: join(folder, "seg.nii"),
    },
  ]);
});

test("text says the same in words; a label map by itself and an npz's gts are counted", async () => {
  const { output } = await info("seg.nii", "case.npz");
  expect(output).toMatch(/shape +2 x 3 x 4 voxels \(z, y, x\)/);
  expect(output).toMatch(/axes +RAS: x to right, y to the front, z up/);
  expect(output.match(/label 3 +liver: 5 voxels, 0\.03 ml/g)).toHaveLength(1);
  expect(output).toMatch(/case\.npz\n[\s\S]*label 3 +5 voxels/);
  expect((await info("mr.nii.gz")).output).not.toContain("label ");
});

test("a file that is no image costs exit code 1 beside others, 3 alone", async () => {
  const both = await info("bad.nii", "seg.nii", "--json");
  expect([both.code, both.rows.map((row) => (row as { type: string }).type)]).toEqual([1, ["failure", "image"]]);
  const alone = await info("bad.nii");
  expect([alone.code, alone.output]).toEqual([3, ""]);
  expect(alone.error).toMatch(/^ensam-info: .*bad\.nii: expected .*, got .*\n$/);
  expect((await info()).code).toBe(2);
  expect((await info("--list", "seg.nii")).error).toMatch(/expected a DICOM folder, zip archive or file, got another/);
});
