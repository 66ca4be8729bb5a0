import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readImage, readLabels } from "./index.ts";
import { temporaryFolder } from "./testing/temporaryFolder.ts";

const values = Int16Array.from({ length: 24 }, (_, index) => index * 100 - 500);
const raw = Buffer.from(values.buffer);
const little = "endian: little\nencoding: raw\n";

/** A header of 4 x 3 x 2 (x, y, z) int16 voxels with these fields, and what follows its blank line. */
function nrrd(fields: string, payload: Uint8Array = raw): Buffer {
  return Buffer.concat([
    Buffer.from(`NRRD0005\n# made\ntype: int16\ndimension: 3\nsizes: 4 3 2\n${fields}\n`),
    payload,
  ]);
}

function file(content: Uint8Array, name = "image.nrrd", folder = temporaryFolder()): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

describe("the place of a NRRD", () => {
  const axes = "space directions: (2,0,0) (0,3,0) (0,0,4)\nspace origin: (10,20,30)\n";

  test.each([
    ["left-posterior-superior", [-2, -3, 4], [-10, -20, 30]],
    ["LPS", [-2, -3, 4], [-10, -20, 30]],
    ["left-anterior-superior", [-2, 3, 4], [-10, 20, 30]],
    ["LAS", [-2, 3, 4], [-10, 20, 30]],
    ["right-anterior-superior", [2, 3, 4], [10, 20, 30]],
    ["Right-Anterior-Superior", [2, 3, 4], [10, 20, 30]],
  ])("space %s: the sign of each coordinate is its letter's", async (space, [x, y, z], [right, anterior, superior]) => {
    const { affine, notes, stored } = await readImage(file(nrrd(`${little}space: ${space}\n${axes}`)));
    expect(affine).toEqual([x, 0, 0, right, 0, y, 0, anterior, 0, 0, z, superior, 0, 0, 0, 1]);
    expect(stored.hasDirections).toBe(true);
    expect(notes).toEqual([]);
  });

  test("a space of unknown meaning is taken as left, posterior, superior, and says so", async () => {
    const scanner = await readImage(file(nrrd(`${little}space: scanner-xyz\n${axes}`)));
    expect(scanner.affine.slice(0, 4)).toEqual([-2, 0, 0, -10]);
    expect(scanner.notes).toEqual([
      'the space "scanner-xyz" has no anatomical meaning; taken as left, posterior, superior',
    ]);
    const unnamed = await readImage(file(nrrd(`${little}space dimension: 3\n${axes}`)));
    expect(unnamed.notes).toEqual(["the space is not named; taken as left, posterior, superior"]);
  });

  test("space units turn directions and origin into mm: 2 µm are 0.002 mm, 3 cm are 30 mm", async () => {
    const units = `space: RAS\nspace units: "um" "cm" "mm"\n${axes}`;
    const { affine, notes } = await readImage(file(nrrd(little + units)));
    [0.002, 0, 0, 0.01, 0, 30, 0, 200, 0, 0, 4, 30].forEach((mm, index) => {
      expect(affine[index]).toBeCloseTo(mm, 12);
    });
    expect(notes).toEqual([
      "lengths are stored in um and turned into mm",
      "lengths are stored in cm and turned into mm",
    ]);
    const odd = await readImage(file(nrrd(`${little}space: RAS\nspace units: "furlong" "mm" "mm"\n${axes}`)));
    expect(odd.notes).toEqual(['the unit "furlong" is not known; taken as mm']);
  });

  test("spacings with units, and ranges: (5 - 1) / 4 cells, (9 - 1) / (3 - 1) steps between nodes", async () => {
    const spaced = await readImage(file(nrrd(`${little}spacings: 500 2 3\nunits: "um" "mm" "mm"\n`)));
    expect(spaced.volume.spacing).toEqual([3, 2, 0.5]);
    const ranged = await readImage(
      file(nrrd(`${little}axis mins: 1 1 0\naxis maxs: 5 9 3\ncenterings: cell node cell\n`)),
    );
    expect(ranged.volume.spacing).toEqual([1.5, 4, 1]);
    // The first sample of a cell lies in its middle: 1 + 1 / 2; that of a node on the border: 1; 0 + 1.5 / 2.
    expect([3, 7, 11].map((index) => Math.abs(ranged.affine[index]!))).toEqual([1.5, 1, 0.75]);
    expect(ranged.notes).toEqual(["no orientation is stored; x is taken to run left, y to the back, z up"]);
    const none = await readImage(file(nrrd(little)));
    expect(none.notes[0]).toBe("a voxel size is missing and taken as 1 mm");
  });
});

describe("the voxels of a NRRD", () => {
  const hex = `${raw.toString("hex").slice(0, 30)}\n ${raw.toString("hex").slice(30).toUpperCase()}\n`;

  test.each<[string, Buffer]>([
    ["raw", nrrd(little)],
    ["raw, big-endian", nrrd("endian: big\nencoding: raw\n", Buffer.from(raw).swap16())],
    ["gzip", nrrd("endian: little\nencoding: gzip\n", gzipSync(raw))],
    [
      "gz in two members",
      nrrd("endian: little\nencoding: gz\n", Buffer.concat([gzipSync(raw.subarray(0, 7)), gzipSync(raw.subarray(7))])),
    ],
    ["ascii", nrrd("encoding: ascii\n", Buffer.from(`${Array.from(values).join("\t ")}\n`))],
    ["text with commas", nrrd("encoding: text\n", Buffer.from(Array.from(values).join(",")))],
    ["hex", nrrd("endian: little\nencoding: hex\n", Buffer.from(hex))],
    ["line and byte skip", nrrd(`${little}line skip: 1\nbyte skip: 2\n`, Buffer.concat([Buffer.from("one\nab"), raw]))],
    ["byte skip -1", nrrd(`${little}byteskip: -1\n`, Buffer.concat([Buffer.from("anything"), raw]))],
    [
      "gzip after a line, with bytes to skip in it",
      nrrd(
        "endian: little\nencoding: gzip\nline skip: 1\nbyte skip: 3\n",
        Buffer.concat([Buffer.from("one\n"), gzipSync(Buffer.concat([Buffer.from("abc"), raw]))]),
      ),
    ],
    ["CR LF", Buffer.concat([Buffer.from(nrrd(little, Buffer.alloc(0)).toString().replaceAll("\n", "\r\n")), raw])],
  ])("%s", async (_, content) => {
    expect((await readImage(file(content))).volume).toMatchObject({ data: values, shape: [2, 3, 4] });
  });

  test("in files of their own: one, a list, numbers, with skips in each; names with blanks, umlauts and quotes", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "data"));
    const detached = (field: string, fields = little): string =>
      file(nrrd(`${fields}${field}\n`, Buffer.alloc(0)), "h.nhdr", folder);
    writeFileSync(join(folder, "data", 'mein "Schädel".raw'), raw);
    [0, 1].forEach((slice) => {
      const half = raw.subarray(24 * slice, 24 * (slice + 1));
      writeFileSync(join(folder, `s${slice}.raw`), half);
      writeFileSync(join(folder, `n${String(2 * slice + 7).padStart(3, "0")}.gz`), gzipSync(half));
      writeFileSync(join(folder, `skip${slice}.raw`), Buffer.concat([Buffer.from("head\nxy"), half]));
    });
    const headers: [string, string?][] = [
      ['data file: data/mein "Schädel".raw'],
      ["data file: LIST\ns0.raw\ns1.raw"],
      ["datafile: LIST 2\ns0.raw\ns1.raw"],
      ["data file: LIST 3\ns0.raw\ns1.raw"],
      ["data file: n%03d.gz 7 9 2", "endian: little\nencoding: gzip\n"],
      ["line skip: 1\nbyte skip: 2\ndata file: skip%d.raw 0 1 1 2"],
    ];
    for (const [field, fields] of headers) {
      expect((await readImage(detached(field, fields))).volume.data, field).toEqual(values);
    }
    await expect(readImage(detached("data file: nowhere.raw"))).rejects.toThrow(
      /h\.nhdr: expected its data file "nowhere\.raw" beside it, got no such file$/,
    );
    await expect(readImage(detached("data file: LIST\ns0.raw"))).rejects.toThrow(
      /h\.nhdr: expected 2 data files of 2 axes each, got 1$/,
    );
    await expect(readImage(detached("data file: n%d%d.gz 7 9 2"))).rejects.toThrow(/expected a pattern of file names/);
  });

  test("what follows them is said", async () => {
    const { notes } = await readImage(file(nrrd(`${little}spacings: 1 1 1\n`, Buffer.concat([raw, Buffer.alloc(5)]))));
    expect(notes).toContain("5 bytes follow the voxels in the file and are not read");
  });
});

describe("what is wrong with a NRRD is said", () => {
  const flipped = gzipSync(raw);
  flipped[flipped.length - 6]! ^= 1; // The checksum.

  test.each<[string, Buffer, RegExp]>([
    ["raw voxels cut short", nrrd(little, raw.subarray(0, 47)), /expected 48 bytes of voxels, got 47$/],
    [
      "gzip cut short",
      nrrd("endian: little\nencoding: gzip\n", gzipSync(raw).subarray(0, 30)),
      /expected an undamaged gzip stream, got unexpected end of file$/,
    ],
    [
      "a wrong checksum",
      nrrd("endian: little\nencoding: gzip\n", flipped),
      /expected an undamaged gzip stream, got incorrect data check$/,
    ],
    [
      "gzip that goes on",
      nrrd("endian: little\nencoding: gzip\n", gzipSync(Buffer.alloc(2 << 20))),
      /expected at most 48 bytes in the gzip stream, as the header says, got more$/,
    ],
    [
      "zlib instead of gzip",
      nrrd("endian: little\nencoding: gzip\n", deflateSync(raw)),
      /expected an undamaged gzip stream, got /,
    ],
    ["bzip2", nrrd("endian: little\nencoding: bzip2\n"), /expected encoding raw, gzip, ascii or hex, got bzip2$/],
    ["a number too few", nrrd("encoding: ascii\n", Buffer.from("1 2 3")), /expected 24 numbers, got 3$/],
    ["a number too many", nrrd("encoding: ascii\n", Buffer.from("1 ".repeat(25))), /expected 24 numbers, got more$/],
    ["no number", nrrd("encoding: ascii\n", Buffer.from("1 2 x")), /expected numbers of type i2, got "x"$/],
    [
      "a number that the type cannot hold",
      nrrd("encoding: ascii\n", Buffer.from("40000")),
      /expected numbers of type i2, got "40000"$/,
    ],
    [
      "hex of half a byte",
      nrrd("endian: little\nencoding: hex\n", Buffer.from("abc")),
      /expected 48 bytes of voxels, got 1\.5$/,
    ],
    ["no byte order", nrrd("encoding: raw\n"), /expected endian little or big, got none$/],
    [
      "an unknown type",
      Buffer.from("NRRD0001\ntype: block\ndimension: 3\nsizes: 1 1 1\n\n"),
      /expected a type of one number a value, got block$/,
    ],
    [
      "a size of 0",
      Buffer.from("NRRD0001\ntype: uchar\ndimension: 3\nsizes: 1 0 1\n\n"),
      /expected 3 sizes from 1 on, got 1 0 1$/,
    ],
    [
      "a size too few",
      Buffer.from("NRRD0001\ntype: uchar\ndimension: 3\nsizes: 1 1\n\n"),
      /expected 3 sizes from 1 on, got 1 1$/,
    ],
    [
      "a direction too few",
      nrrd(`${little}space: LPS\nspace directions: (1,0,0) (0,1,0)\n`),
      /expected space directions of 3 axes, got 2$/,
    ],
    [
      "a direction of two numbers",
      nrrd(`${little}space: LPS\nspace directions: (1,0) (0,1,0) (0,0,1)\n`),
      /expected vectors of three numbers as space directions, got "\(1,0\)"$/,
    ],
    [
      "directions in one plane",
      nrrd(`${little}space: LPS\nspace directions: (1,0,0) (0,1,0) (1,1,0)\n`),
      /expected three axes with a direction/,
    ],
    [
      "byte skip -1 in gzip",
      nrrd("endian: little\nencoding: gzip\nbyte skip: -1\n", gzipSync(raw)),
      /expected byte skip from 0 on, or -1 with raw voxels, got -1 with gzip$/,
    ],
    [
      "lines that are not there",
      nrrd(`${little}line skip: 99\n`, Buffer.from("x")),
      /expected 99 lines to skip, got 0$/,
    ],
    ["the same field twice", nrrd(`${little}encoding: raw\n`), /expected one field encoding, got two$/],
    ["a line that is no field", nrrd("garbage\n"), /expected a NRRD field on line 6, got "garbage"$/],
  ])("%s", async (_, content, message) => {
    await expect(readImage(file(content))).rejects.toThrow(message);
    await expect(readImage(file(content))).rejects.toMatchObject({ name: "FileError" });
  });
});

describe("NRRD with an axis that is not spatial", () => {
  const labels = Uint8Array.of(0, 0, 1, 2, 0, 1, 1, 0); // Two layers a voxel, four voxels: 0 1 0 1 and 0 2 1 0.
  const layered = Buffer.concat([
    Buffer.from(
      "NRRD0004\ntype: uchar\ndimension: 4\nsizes: 2 2 2 1\nkinds: list domain domain domain\nspace: LPS\nspace directions: none (1,0,0) (0,1,0) (0,0,1)\nencoding: raw\n" +
        "Segment0_ID:=a\nSegment0_Name:=Leber\nSegment0_Layer:=0\nSegment0_LabelValue:=1\nSegment1_ID:=b\nSegment1_Name:=Läsion\nSegment1_Layer:=1\nSegment1_LabelValue:=2\n\n",
    ),
    labels,
  ]);

  test("a segmentation in layers is named as one, with its segments; a layer is read on request", async () => {
    const path = file(layered, "a.seg.nrrd");
    await expect(readLabels(path)).rejects.toThrow(
      /a\.seg\.nrrd: expected one label a voxel, got a segmentation whose segments overlap, in 2 layers \(Leber: layer 0, value 1; Läsion: layer 1, value 2\): Leber and Läsion share a voxel$/,
    );
    expect((await readLabels(path, { channel: 0 })).labels.data).toEqual(Uint8Array.of(0, 1, 0, 1));
    expect((await readLabels(path, { channel: 1 })).labels.data).toEqual(Uint8Array.of(0, 2, 1, 0));
    await expect(readLabels(path, { channel: 2 })).rejects.toThrow(/expected one of 2 layers, counted from 0, got 2$/);
  });

  test("time points come last in the file; one is read on request", async () => {
    const path = file(
      Buffer.concat([
        Buffer.from(
          "NRRD0004\ntype: uchar\ndimension: 4\nsizes: 2 2 1 2\nkinds: domain domain domain time\nencoding: raw\n\n",
        ),
        labels,
      ]),
    );
    await expect(readImage(path)).rejects.toThrow(
      /expected one volume with three axes, got axes of 2 x 2 x 1 x 2 voxels; --volume N takes one of the 2, from 0$/,
    );
    expect((await readImage(path, { volume: 1 })).volume.data).toEqual(labels.slice(4));
  });

  test("an axis of one value is left out", async () => {
    const one = layered.toString("latin1").replace("sizes: 2 2 2 1", "sizes: 1 2 2 2");
    expect((await readLabels(file(Buffer.from(one, "latin1")))).labels.shape).toEqual([2, 2, 2]);
  });
});
