import { execFileSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { affineOfSpacing } from "../geometry/index.ts";
import { readChallengeCase, readImage, readLabels, readNpz, readSafetensors, writeNifti } from "./index.ts";
import { temporaryFolder } from "./testing/temporaryFolder.ts";

describe("pipes, devices and folders where a file belongs", () => {
  const readers: [string, (path: string) => Promise<unknown>][] = [
    ["readImage", readImage],
    ["readLabels", readLabels],
    ["readNpz", readNpz],
    ["readChallengeCase", readChallengeCase],
    ["readSafetensors", async (path) => readSafetensors(path)],
  ];

  test.each(readers)("%s refuses them without waiting", async (_, read) => {
    const folder = temporaryFolder();
    execFileSync("mkfifo", [join(folder, "pipe.nii.gz")]);
    await expect(read(join(folder, "pipe.nii.gz"))).rejects.toThrow(
      /pipe\.nii\.gz: expected .*, got a pipe \(copy it to a file first\)$/,
    );
    await expect(read("/dev/zero")).rejects.toThrow(/^\/dev\/zero: expected .*, got a device$/);
    await expect(read(folder)).rejects.toThrow(/: expected .*, got (a folder|no DICOM file)$/);
  });

  test("a header that names one as its data file, and a folder that holds one", async () => {
    const folder = temporaryFolder();
    const [mhd, nhdr] = [join(folder, "a.mhd"), join(folder, "a.nhdr")];
    writeFileSync(mhd, "NDims = 3\nDimSize = 2 2 2\nElementType = MET_UCHAR\nElementDataFile = /dev/zero\n");
    await expect(readImage(mhd)).rejects.toThrow(/^\/dev\/zero: expected a file that can be read, got a device$/);
    writeFileSync(nhdr, "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 2 2 2\nencoding: raw\ndata file: /dev/zero\n");
    await expect(readImage(nhdr)).rejects.toThrow(/^\/dev\/zero: expected a file that can be read, got a device$/);
    mkdirSync(join(folder, "series"));
    execFileSync("mkfifo", [join(folder, "series", "a")]);
    await expect(readImage(join(folder, "series"))).rejects.toThrow(/got no DICOM file$/);
  });
});

describe("big files", () => {
  /** A NIfTI file of this shape (x, y, z) and uint8 voxels that are all 0 and take no space on disk, but for the last one: 7. */
  async function sparse(shape: readonly [number, number, number]): Promise<string> {
    const path = join(temporaryFolder(), "big.nii");
    await writeNifti(path, { data: new Uint8Array(1), shape: [1, 1, 1] }, affineOfSpacing([1, 1, 1]));
    const file = openSync(path, "r+");
    const dims = Buffer.alloc(6);
    shape.forEach((length, axis) => {
      dims.writeInt16LE(length, 2 * axis);
    });
    writeSync(file, dims, 0, 6, 42);
    const size = 352 + shape[0] * shape[1] * shape[2];
    ftruncateSync(file, size);
    writeSync(file, Buffer.of(7), 0, 1, size - 1);
    closeSync(file);
    return path;
  }

  test("more voxels than memory can hold in one piece are refused at once", async () => {
    const path = await sparse([2048, 2048, 2048]);
    await expect(readImage(path)).rejects.toThrow(/big\.nii: expected at most \d+ bytes at once, got 8589934592$/);
  });

  test("a header that claims more than its file holds costs no memory", async () => {
    const path = join(temporaryFolder(), "claim.nii");
    await writeNifti(path, { data: new Uint8Array(1), shape: [1, 1, 1] }, affineOfSpacing([1, 1, 1]));
    const { readFileSync } = await import("node:fs");
    const bytes = readFileSync(path);
    for (const at of [42, 44, 46]) bytes.writeInt16LE(1500, at);
    writeFileSync(path, gzipSync(bytes));
    await expect(readImage(path)).rejects.toThrow(/expected 3375000000 bytes of voxels from byte 352, got 1$/);
  });
});
