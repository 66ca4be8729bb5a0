import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readImage } from "./index.ts";
import { temporaryFolder } from "./testing/temporaryFolder.ts";

const values = Int16Array.from({ length: 24 }, (_, index) => index * 100 - 500);
const raw = Buffer.from(values.buffer);
const packed = deflateSync(raw);
const sized = `CompressedData = True\nCompressedDataSize = ${packed.length}\n`;

/** A header of 4 x 3 x 2 (x, y, z) int16 voxels of 0.5 x 1 x 2 mm with these fields, and what follows it. */
function meta(fields = "", payload: Uint8Array = raw, dataFile = "LOCAL"): Buffer {
  const text = `ObjectType = Image\nNDims = 3\nDimSize = 4 3 2\nElementSpacing = 0.5 1 2\nElementType = MET_SHORT\n${fields}ElementDataFile = ${dataFile}\n`;
  return Buffer.concat([Buffer.from(text), payload]);
}

function file(content: Uint8Array, name = "image.mha", folder = temporaryFolder()): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

describe("the voxels of a MetaImage", () => {
  const crlf = Buffer.from(meta("", Buffer.alloc(0)).toString().replaceAll("\n", "\r\n"));

  test.each<[string, Buffer]>([
    ["raw", meta()],
    ["big-endian", meta("BinaryDataByteOrderMSB = True\n", Buffer.from(raw).swap16())],
    ["text", meta("BinaryData = False\n", Buffer.from(Array.from(values).join(" ")))],
    ["zlib", meta(sized, packed)],
    ["zlib without its length", meta("CompressedData = True\n", packed)],
    ["gzip", meta("CompressedData = True\n", gzipSync(raw))],
    ["a header with CR LF", Buffer.concat([crlf, raw])],
    ["bytes to skip", meta("HeaderSize = 3\n", Buffer.concat([Buffer.from("abc"), raw]))],
    ["at the end of the file", meta("HeaderSize = -1\n", Buffer.concat([Buffer.from("anything"), raw]))],
  ])("%s", async (_, content) => {
    expect((await readImage(file(content))).volume).toEqual({ data: values, shape: [2, 3, 4], spacing: [2, 1, 0.5] });
  });

  test("in files of their own: names with blanks, umlauts in UTF-8 or latin1, quotes; a list; numbers", async () => {
    const folder = temporaryFolder();
    const names = ["my scan.zraw", "Schädel.zraw", `it's "one".zraw`];
    for (const name of names) {
      writeFileSync(join(folder, name), packed);
      const path = file(meta(sized, Buffer.alloc(0), name), "h.mhd", folder);
      expect((await readImage(path)).volume.data, name).toEqual(values);
    }
    const latin1 = Buffer.from(meta(sized, Buffer.alloc(0), "Schädel.zraw").toString(), "latin1");
    expect((await readImage(file(latin1, "h.mhd", folder))).volume.data).toEqual(values);
    const quoted = file(meta(sized, Buffer.alloc(0), '"my scan.zraw"'), "h.mhd", folder);
    expect((await readImage(quoted)).volume.data).toEqual(values);
    [1, 2].forEach((slice) => {
      writeFileSync(join(folder, `slice 0${slice}.raw`), raw.subarray(24 * (slice - 1), 24 * slice));
    });
    for (const dataFile of [
      "LIST\nslice 01.raw\nslice 02.raw",
      "LIST 2D\nslice 01.raw\nslice 02.raw",
      "slice %02d.raw 1 2 1",
    ]) {
      const path = file(meta("", Buffer.alloc(0), dataFile), "h.mhd", folder);
      expect((await readImage(path)).volume.data, dataFile).toEqual(values);
    }
    await expect(readImage(file(meta("", Buffer.alloc(0), "no.raw"), "h.mhd", folder))).rejects.toThrow(
      /h\.mhd: expected its data file "no\.raw" beside it, got no such file$/,
    );
    await expect(readImage(file(meta("", Buffer.alloc(0), "LIST\nslice 01.raw"), "h.mhd", folder))).rejects.toThrow(
      /expected 2 data files of 2 axes each, got 1$/,
    );
  });

  test("one of several channels, or of several volumes, is read on request", async () => {
    const fields =
      "ObjectType = Image\nNDims = 4\nDimSize = 2 2 1 2\nElementNumberOfChannels = 3\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n";
    const path = file(Buffer.concat([Buffer.from(fields), Uint8Array.from({ length: 24 }, (_, index) => index)]));
    await expect(readImage(path, { volume: 1 })).rejects.toThrow(
      /expected one number a voxel, got 3 \(colours or vectors\)$/,
    );
    await expect(readImage(path, { channel: 2 })).rejects.toThrow(
      /expected one volume with three axes, got axes of 2 x 2 x 1 x 2 voxels; --volume N takes one of the 2, from 0$/,
    );
    // Volume 1 begins at value 12; its channel 2 is every third value from 14 on.
    expect((await readImage(path, { channel: 2, volume: 1 })).volume.data).toEqual(Uint8Array.of(14, 17, 20, 23));
  });
});

describe("the place of a MetaImage", () => {
  test("TransformMatrix lists the axes one by one, in LPS; DistanceUnits turns lengths into mm", async () => {
    // x runs to the back (0, 1, 0), y up (0, 0, 1), z left (1, 0, 0).
    const fields = "TransformMatrix = 0 1 0 0 0 1 1 0 0\nOffset = 10 20 30\nDistanceUnits = cm\n";
    const { affine, notes } = await readImage(file(meta(fields)));
    expect(affine).toEqual([0, 0, -20, -100, -5, 0, 0, -200, 0, 10, 0, 300, 0, 0, 0, 1]);
    expect(notes).toEqual(["lengths are stored in cm and turned into mm"]);
    const micro = await readImage(file(meta("DistanceUnits = um\n")));
    expect(micro.volume.spacing[2]).toBeCloseTo(0.0005, 12);
    expect((await readImage(file(meta("DistanceUnits = furlong\n")))).notes).toContain(
      'the unit "furlong" is not known; taken as mm',
    );
  });

  test("ElementSize counts where no ElementSpacing is", async () => {
    const text = meta().toString("latin1").replace("ElementSpacing = 0.5 1 2", "ElementSize = 3 4 5");
    expect((await readImage(file(Buffer.from(text, "latin1")))).volume.spacing).toEqual([5, 4, 3]);
  });
});

describe("what is wrong with a MetaImage is said", () => {
  const flipped = Buffer.from(packed);
  flipped[flipped.length - 1]! ^= 1; // The checksum.

  test.each<[string, Buffer, RegExp]>([
    ["raw voxels cut short", meta("", raw.subarray(0, 47)), /expected 48 bytes of voxels, got 47$/],
    [
      "a length that is too small",
      meta(sized.replace(/= \d+/, `= ${packed.length - 3}`), packed),
      /expected an undamaged zlib stream, got unexpected end of file$/,
    ],
    [
      "a length beyond the file",
      meta(sized.replace(/= \d+/, "= 999"), packed),
      /expected 999 compressed bytes \(CompressedDataSize\), got \d+$/,
    ],
    ["a wrong checksum", meta(sized, flipped), /expected an undamaged zlib stream, got incorrect data check$/],
    ["no zlib stream", meta("CompressedData = True\n", raw), /expected an undamaged zlib stream, got /],
    ["no voxels at all", meta("CompressedData = True\n", Buffer.alloc(0)), /expected a zlib stream, got nothing$/],
    [
      "too few at the end of the file",
      meta("HeaderSize = -1\n", raw.subarray(0, 47)),
      /expected 48 bytes of voxels, got 47$/,
    ],
    [
      "an unknown type",
      Buffer.from(meta().toString("latin1").replace("MET_SHORT", "MET_OTHER"), "latin1"),
      /expected an ElementType of one number a value, got MET_OTHER$/,
    ],
    [
      "two axes",
      Buffer.from("NDims = 2\nDimSize = 2 2\nElementType = MET_UCHAR\nElementDataFile = LOCAL\nabcd"),
      /expected one volume with three axes, got axes of 2 x 2 voxels$/,
    ],
    [
      "an axis too few",
      Buffer.from("NDims = 3\nDimSize = 2 2\nElementType = MET_UCHAR\nElementDataFile = LOCAL\nabcd"),
      /expected 3 numbers as DimSize, got "2 2"$/,
    ],
    [
      "no data file",
      Buffer.from("NDims = 3\nDimSize = 2 2 1\n"),
      /expected a MetaImage header that ends with ElementDataFile, got none$/,
    ],
    [
      "a spacing of 0",
      Buffer.from(meta().toString("latin1").replace("0.5 1 2", "0 1 2"), "latin1"),
      /expected three axes with a direction and a voxel size/,
    ],
    [
      "a flag that is neither",
      meta("CompressedData = perhaps\n"),
      /expected True or False as CompressedData, got "perhaps"$/,
    ],
  ])("%s", async (_, content, message) => {
    await expect(readImage(file(content))).rejects.toThrow(message);
    await expect(readImage(file(content))).rejects.toMatchObject({ name: "FileError" });
  });
});
