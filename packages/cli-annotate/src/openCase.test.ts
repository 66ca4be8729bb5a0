import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { readImage, writeNifti } from "@ensam/core/files";
import { afterAll, beforeAll, expect, test } from "vitest";
import { previewImage } from "./displayImage.ts";
import { openCase } from "./openCase.ts";

const mib = 2 ** 20;
const options = { anyway: false, passThrough: false, cropWithoutBox: 48 };
const thread = Promise.resolve({ memoryOf: (voxels: number) => ({ "grey levels": 2 * voxels, model: 10 * mib }) });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("an image that cannot fit is refused with the size needed, before its voxels are read", async () => {
  const path = join(folder, "large.nii.gz");
  const small = join(folder, "small.nii.gz");
  await writeNifti(
    small,
    { data: new Uint8Array(8), shape: [2, 2, 2] },
    [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  );
  const bytes = gunzipSync(await readFile(small));
  // A header of 1024 x 1024 x 256 bytes over no voxels: whoever reads them complains of that.
  for (const [i, size] of [3, 1024, 1024, 256].entries()) bytes.writeInt16LE(size, 40 + 2 * i);
  await writeFile(path, gzipSync(bytes));
  await expect(openCase(path, options, thread, 1033 * mib)).rejects.toMatchObject({
    message: `${path}: expected 1034 MiB of free memory (image 256, the page's copy 256, grey levels 512, model 10), got 1033 MiB`,
    exitCode: 5,
  });
  await expect(openCase(path, options, thread, 500 * mib)).rejects.toMatchObject({
    message: `${path}: expected 1034 MiB of free memory (image 256, the page's copy 256, grey levels 512, model 10), got 500 MiB`,
  });
  await expect(openCase(path, options, thread, 1034 * mib)).rejects.toThrow("bytes of voxels");
  await expect(openCase(small, options, thread, 11 * mib)).resolves.toMatchObject({ notes: expect.any(Array) });
});

test("the coarse picture holds voxels of the image, each where it lies", async () => {
  const shape = [150, 160, 170] as const;
  const data = Int16Array.from({ length: 150 * 160 * 170 }, (_, i) => (i * 7919) % 30011);
  const affine = [-2, 0, 0.3, 5, 0, 0.5, 0, -7, 0, 0, 1.5, 11, 0, 0, 0, 1] as const;
  const path = join(folder, "coarse.nii");
  await writeFile(path, previewImage({ volume: { data, shape, spacing: [1.5, 0.5, 2] }, affine }));
  const coarse = await readImage(path);
  const size = coarse.volume.shape;
  expect(size[0] * size[1] * size[2]).toBeLessThanOrEqual(2 ** 21);
  for (const [z, y, x] of [
    [0, 0, 0],
    [size[0] - 1, size[1] - 1, size[2] - 1],
    [3, 20, 40],
  ] as const) {
    const [i, j, k] = voxelAt(affine, at(coarse.affine, x, y, z));
    const value = coarse.volume.data[(z * size[1] + y) * size[2] + x];
    expect([i, j, k].every((index) => Math.abs(index - Math.round(index)) < 1e-3)).toBe(true);
    expect(value).toBe(data[(Math.round(k) * 160 + Math.round(j)) * 170 + Math.round(i)]);
  }
});

function at(affine: readonly number[], x: number, y: number, z: number): readonly number[] {
  return [0, 4, 8].map((row) => affine[row]! * x + affine[row + 1]! * y + affine[row + 2]! * z + affine[row + 3]!);
}

/** (x, y, z) of a place in mm; the affine leans only from z into x. */
function voxelAt(affine: readonly number[], mm: readonly number[]): readonly [number, number, number] {
  const z = (mm[2]! - affine[11]!) / affine[10]!;
  const y = (mm[1]! - affine[7]!) / affine[5]!;
  return [(mm[0]! - affine[3]! - affine[2]! * z) / affine[0]!, y, z];
}
