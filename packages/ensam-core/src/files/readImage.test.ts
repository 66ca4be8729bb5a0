import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test, vi } from "vitest";
import { voxelToWorld } from "../geometry/index.ts";
import { npyArray, readImage, readLabels, writeNpz } from "./index.ts";
import { temporaryFolder } from "./testing/temporaryFolder.ts";

const values = Int16Array.from({ length: 24 }, (_, index) => index - 5);
const bytes = Buffer.from(values.buffer);

function nrrd(fields: string, payload: Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.from(`NRRD0004\ntype: short\ndimension: 3\nsizes: 4 3 2\nendian: little\n${fields}\n\n`),
    payload,
  ]);
}

function meta(fields: string, payload: Uint8Array): Buffer {
  const text = `ObjectType = Image\nNDims = 3\nDimSize = 4 3 2\nElementSpacing = 1 2 3\nElementType = MET_SHORT\n${fields}ElementDataFile = LOCAL\n`;
  return Buffer.concat([Buffer.from(text), payload]);
}

/** A GIPL file: big-endian header of 256 bytes with sizes, type 15 (int16), voxel sizes and the magic number, then voxels. */
function gipl(): Buffer {
  const header = Buffer.alloc(256);
  [4, 3, 2, 1].forEach((length, axis) => {
    header.writeUInt16BE(length, 2 * axis);
  });
  header.writeUInt16BE(15, 8);
  [1, 2, 3, 1].forEach((mm, axis) => {
    header.writeFloatBE(mm, 10 + 4 * axis);
  });
  header.writeUInt32BE(0xefffe9b0, 252);
  return Buffer.concat([header, Buffer.from(bytes).swap16()]);
}

function file(name: string, content: Uint8Array): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

describe("NRRD, MetaImage and GIPL", () => {
  test("oblique NRRD directions become RAS, from LPS and from RAS alike", async () => {
    const directions = "space directions: (1,0.5,0) (-1,2,0) (0,0,3)\nspace origin: (10,20,30)\nencoding: raw";
    const lps = await readImage(file("a.nrrd", nrrd(`space: left-posterior-superior\n${directions}`, bytes)));
    const ras = await readImage(file("b.nrrd", nrrd(`space: right-anterior-superior\n${directions}`, bytes)));
    expect(ras.volume.data).toEqual(values);
    expect(ras.volume.shape).toEqual([2, 3, 4]);
    // Voxel x 1, y 1, z 1: (1 - 1 + 10, 0.5 + 2 + 20, 3 + 30) = (10, 22.5, 33)
    voxelToWorld(ras.affine, [1, 1, 1]).forEach((mm, axis) => {
      expect(mm).toBeCloseTo([10, 22.5, 33][axis]!, 9);
    });
    voxelToWorld(lps.affine, [1, 1, 1]).forEach((mm, axis) => {
      expect(mm).toBeCloseTo([-10, -22.5, 33][axis]!, 9);
    });
    expect(ras.volume.spacing[2]).toBeCloseTo(Math.hypot(1, 0.5), 9);
    expect(ras.stored).toMatchObject({ format: "nrrd", type: "int16", axes: "RAS", hasDirections: true });
  });

  test("compressed MetaImage, GIPL and gzipped GIPL give the same voxels and sizes", async () => {
    const packed = deflateSync(bytes);
    const paths = [
      file("a.mha", meta(`CompressedData = True\nCompressedDataSize = ${packed.length}\n`, packed)),
      file("b.mha", meta("", bytes)),
      file("c.gipl", gipl()),
      file("d.gipl.gz", gzipSync(gipl())),
    ];
    for (const path of paths) {
      const { volume } = await readImage(path);
      expect(volume, path).toEqual({ data: values, shape: [2, 3, 4], spacing: [3, 2, 1] });
    }
    expect((await readImage(paths[2]!)).notes).toEqual([
      "no orientation is stored; x is taken to run left, y to the back, z up",
    ]);
  });

  test("labels in a NRRD are labels", async () => {
    const path = file("labels.nrrd", nrrd("encoding: raw", Buffer.from(values.map(Math.abs).buffer)));
    expect((await readLabels(path)).labels.data).toEqual(Uint8Array.from(values, Math.abs));
    await expect(readLabels(file("image.nrrd", nrrd("encoding: raw", bytes)))).rejects.toThrow(
      /got -5 at \(z, y, x\) = \(0, 0, 0\)$/,
    );
  });

  test("damaged ones are refused in one line, and nothing is printed", async () => {
    const printed: string[] = [];
    const catchWrite = (chunk: unknown): boolean => {
      printed.push(String(chunk));
      return true;
    };
    const spies = [
      vi.spyOn(process.stdout, "write").mockImplementation(catchWrite),
      vi.spyOn(process.stderr, "write").mockImplementation(catchWrite),
    ];
    const packed = deflateSync(bytes);
    packed[packed.length - 1]! ^= 1; // The checksum.
    const damaged = [
      file("cut.nrrd", nrrd("encoding: raw", bytes.subarray(0, 30))),
      file("garbage.nrrd", Buffer.from("NRRD0004\ngarbage\n")),
      file("cutgz.nrrd", nrrd("encoding: gzip", gzipSync(bytes).subarray(0, 25))),
      file("cut.mha", meta("", bytes.subarray(0, 30))),
      file("flip.mha", meta(`CompressedData = True\nCompressedDataSize = ${packed.length}\n`, packed)),
      file("cut.gipl", gipl().subarray(0, 280)),
      file("cut.gipl.gz", gzipSync(gipl()).subarray(0, 60)),
      file("cut.tif", Buffer.from("II*\0\x08\0\0\0\x01\0", "latin1")),
    ];
    const errors = await Promise.all(damaged.map((path) => readImage(path).catch((error: unknown) => error)));
    for (const spy of spies) spy.mockRestore();
    expect(printed).toEqual([]);
    errors.forEach((error, index) => {
      expect(error, damaged[index]).toMatchObject({ name: "FileError" });
      expect((error as Error).message).toMatch(/: expected [^\n]+, got [^\n]+$/);
    });
  });

  test("two axes and colours are refused", async () => {
    const flat = Buffer.concat([
      Buffer.from("NRRD0004\ntype: uchar\ndimension: 2\nsizes: 2 2\nencoding: raw\n\n"),
      Buffer.alloc(4),
    ]);
    await expect(readImage(file("flat.nrrd", flat))).rejects.toThrow(
      /flat\.nrrd: expected one volume with three axes, got axes of 2 x 2 voxels$/,
    );
    const colours = meta("ElementNumberOfChannels = 3\n", Buffer.alloc(3 * 48));
    await expect(readImage(file("rgb.mha", colours))).rejects.toThrow(
      /rgb\.mha: expected one number a voxel, got 3 \(colours or vectors\)$/,
    );
  });
});

describe("images in npz files", () => {
  test("imgs, with the spacing turned, and gts or segs as labels", async () => {
    const path = join(temporaryFolder(), "case.npz");
    const spacing = npyArray(Float64Array.of(1, 2, 3), [3]);
    await writeNpz(path, { imgs: npyArray(values, [2, 3, 4]), segs: npyArray(new Uint8Array(24), [2, 3, 4]), spacing });
    expect((await readImage(path)).volume).toEqual({ data: values, shape: [2, 3, 4], spacing: [3, 2, 1] });
    expect((await readLabels(path)).labels.data).toEqual(new Uint8Array(24));
  });

  test("any other key by name, and a clear error without it", async () => {
    const path = join(temporaryFolder(), "scan.npz");
    await writeNpz(path, {
      vol: npyArray(Float64Array.from(values), [2, 3, 4]),
      seg: npyArray(Float64Array.from(values.map(Math.abs)), [2, 3, 4]),
    });
    const image = await readImage(path, { key: "vol" });
    expect(image.volume.spacing).toEqual([1, 1, 1]);
    expect(image.notes[0]).toBe("no voxel size is stored; taken as 1 mm");
    expect((await readLabels(path, { key: "seg" })).labels.data).toEqual(Uint8Array.from(values, Math.abs));
    await expect(readImage(path)).rejects.toThrow(
      /scan\.npz: expected a key imgs, or the name of one, got the keys vol, seg$/,
    );
    await expect(readImage(path, { key: "image" })).rejects.toThrow(
      /scan\.npz: expected the key "image", got vol, seg$/,
    );
  });

  test("direction and origin, as some files add them, place the image", async () => {
    const path = join(temporaryFolder(), "flare.npz");
    await writeNpz(path, {
      imgs: npyArray(values, [2, 3, 4]),
      spacing: npyArray(Float64Array.of(1, 2, 3), [3]),
      direction: npyArray(Float64Array.of(-1, 0, 0, 0, -1, 0, 0, 0, 1), [9]),
      origin: npyArray(Float64Array.of(10, 20, 30), [3]),
    });
    expect((await readImage(path)).affine).toEqual([1, 0, 0, -10, 0, 2, 0, -20, 0, 0, 3, 30, 0, 0, 0, 1]);
  });
});

describe("what is not an image", () => {
  test("a DICOM file without an image says what it is", async () => {
    const dicom = Buffer.alloc(200);
    dicom.write("DICM", 128, "latin1");
    await expect(readImage(file("IM0001", dicom))).rejects.toThrow(/IM0001: expected .*DICOM.*, got /);
  });

  test("a missing file, other formats and an empty file are named", async () => {
    await expect(readImage("/nowhere/scan.nii.gz")).rejects.toThrow(
      /^\/nowhere\/scan\.nii\.gz: expected a NIfTI, NRRD, MetaImage, GIPL, TIFF or npz file, or a DICOM series, got no such file or folder \(ENOENT\)$/,
    );
    await expect(readImage(file("notes.txt", Buffer.from("hello")))).rejects.toThrow(
      /notes\.txt: expected a NIfTI, .* got another format$/,
    );
    await expect(readImage(file("scan.mha", Buffer.alloc(0)))).rejects.toThrow(
      /scan\.mha: expected a NIfTI, .* got an empty file$/,
    );
  });
});
