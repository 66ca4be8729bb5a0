import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callCommand } from "@ensam/core/command/testing";
import { readLabels, writeNifti, writeSafetensors } from "@ensam/core/files";
import { affineOfSpacing } from "@ensam/core/geometry";
import { minuteConfig, minuteModel } from "@ensam/core/inference/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { main } from "./main.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-formats-"));
  const metadata = { config: JSON.stringify(minuteConfig) };
  await writeSafetensors(join(folder, "net.safetensors"), minuteModel(0) as never, metadata);
  const data = Int16Array.from({ length: 1024 }, (_, i) => ((i * 37) % 2000) - 1000);
  await writeNifti(join(folder, "ct.nii.gz"), { data, shape: [4, 16, 16] }, affineOfSpacing([3, 1, 1]));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const prompts = ["--box", "liver:1,2,3,3,9,12", "--click", "7:2,12,12"];
const segment = (...argv: string[]) =>
  callCommand(main, ["ct.nii.gz", "--model", "net.safetensors", ...prompts, "--device", "cpu", ...argv], {
    cwd: folder,
  });

test("every format holds the same label map, with the names of the objects", async () => {
  const maps: string[] = [];
  for (const name of ["a.nii.gz", "a.nrrd", "a.seg.nrrd", "b.npz"]) {
    const { code } = await segment("-o", name, "--overwrite");
    const { labels, names } = await readLabels(join(folder, name));
    expect([code, names[1]]).toEqual([0, "liver"]);
    maps.push(labels.data.join());
  }
  expect(new Set(maps).size).toBe(1);
});

test("--per-object writes a file for each, which the row names; what is there is not replaced", async () => {
  const { code, rows } = await segment("-o", "own.nii.gz", "--per-object");
  const files = ["own_liver.nii.gz", "own_7.nii.gz"].map((name) => join(folder, name));
  expect([code, rows[0]]).toMatchObject([0, { mask: files[0], objects: files.map((mask) => ({ mask })) }]);
  expect((await readdir(folder)).filter((name) => name.startsWith("own"))).toHaveLength(2);
  const [row] = rows as [{ objects: { voxels: number }[] }];
  for (const [index, file] of files.entries()) {
    const { labels } = await readLabels(file);
    expect(labels.data.filter((value) => value === 1)).toHaveLength(row.objects[index]!.voxels);
  }
  expect((await segment("-o", "own.nii.gz", "--per-object")).error).toMatch(/own_liver\.nii\.gz: expected no file yet/);
});

test("a DICOM segmentation of another image, and an unknown ending, are refused before the model runs", async () => {
  const dicom = await segment("-o", "a.dcm");
  expect([dicom.code, /a\.dcm: expected a DICOM series as image/.test(dicom.error)]).toEqual([2, true]);
  expect((await segment("-o", "a.png")).error).toMatch(/expected a name ending in \.nii\.gz, /);
});
