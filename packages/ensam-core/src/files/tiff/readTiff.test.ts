import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { VoxelArray } from "../../voxels/index.ts";
import { readImage, readLabels } from "../index.ts";
import { fixture, jsonFixture } from "../testing/fixtures.ts";
import { type MadePage, type MadeTag, madeTiff } from "../testing/madeTiff.ts";
import { temporaryFolder } from "../testing/temporaryFolder.ts";

const [width, height] = [5, 4];

function file(content: Uint8Array, name = "stack.tif"): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

/** Pages of 5 x 4 pixels, one strip each, from values of three slices. */
function pagesOf(data: VoxelArray | BigUint64Array, tags: readonly MadeTag[] = [], slices = 3): MadePage[] {
  const all = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const size = all.length / slices;
  return Array.from({ length: slices }, (_, slice) => {
    return { width, height, chunks: [all.subarray(slice * size, (slice + 1) * size)], tags };
  });
}

const bytes = Uint8Array.from({ length: 60 }, (_, index) => (index * 37) % 251);
const words = Uint16Array.from({ length: 60 }, (_, index) => (index * 7919) % 65521);

function described(description: string, more: readonly MadeTag[] = [], slices = 3): Buffer {
  const [first, ...rest] = pagesOf(bytes.slice(0, 20 * slices), [], slices);
  return madeTiff([{ ...first!, tags: [[270, 2, description], ...more] }, ...rest]);
}

describe("the values of a TIFF", () => {
  const floats = Float32Array.from({ length: 60 }, (_, index) => index / 8 - 3);
  const types: [string, VoxelArray, number, number][] = [
    ["uint8", bytes, 8, 1],
    ["int8", Int8Array.from(bytes), 8, 2],
    ["uint16", words, 16, 1],
    ["int16", Int16Array.from(words), 16, 2],
    ["uint32", Uint32Array.from(words, (value) => value * 65537), 32, 1],
    ["int32", Int32Array.from(words, (value) => -value * 30000), 32, 2],
    ["float32", floats, 32, 3],
    ["float64", Float64Array.from(floats, (value) => value / 3), 64, 3],
  ];

  test.each(types)("%s, in either byte order, TIFF and BigTIFF", async (name, data, bits, format) => {
    const tags: MadeTag[] = [
      [258, 3, [bits]],
      [339, 3, [format]],
    ];
    const turned = Buffer.from(Buffer.from(data.buffer));
    if (bits === 16) turned.swap16();
    if (bits === 32) turned.swap32();
    if (bits === 64) turned.swap64();
    const variants = [
      madeTiff(pagesOf(data, tags)),
      madeTiff(pagesOf(data, tags), { big: true }),
      madeTiff(pagesOf(new Uint8Array(turned), tags), { littleEndian: false }),
    ];
    for (const variant of variants) {
      const { volume, stored } = await readImage(file(variant));
      expect(volume).toMatchObject({ data, shape: [3, 4, 5] });
      expect(stored).toMatchObject({ format: "tiff", type: name, hasDirections: false });
    }
  });

  test("half floats: 0x3c00 is 1, 0xc000 is -2, 0x0001 is 2^-24, 0x7bff is 65504", async () => {
    const halves = Uint16Array.from({ length: 60 }, (_, index) => [0x3c00, 0xc000, 0x0001, 0x7bff][index % 4]!);
    const tags: MadeTag[] = [
      [258, 3, [16]],
      [339, 3, [3]],
    ];
    const { data } = (await readImage(file(madeTiff(pagesOf(halves, tags))))).volume;
    expect(data).toEqual(Float32Array.from({ length: 60 }, (_, index) => [1, -2, 2 ** -24, 65504][index % 4]!));
  });

  test("labels of 32 and 64 bits are labels", async () => {
    const labels = Uint32Array.from({ length: 60 }, (_, index) => (index % 3) * 70000);
    const path = file(madeTiff(pagesOf(labels, [[258, 3, [32]]])));
    expect((await readLabels(path)).labels.data).toEqual(labels);
    const wide = file(madeTiff(pagesOf(BigUint64Array.from(labels, BigInt), [[258, 3, [64]]])));
    expect(Array.from((await readLabels(wide)).labels.data)).toEqual(Array.from(labels));
  });

  test("bits, highest first, each row from a byte on: 1, 4 and 12 a pixel", async () => {
    // Rows of five: 1 0 1 1 0 is 10110000; 1 2 3 4 5 is 12 34 50; 0x123 0x456 ... is 12 34 56 78 9a bc de f0.
    const one = Array.from({ length: 3 }, () => ({
      width,
      height,
      chunks: [Buffer.alloc(4, 0b10110000)],
      tags: [[258, 3, [1]]] as MadeTag[],
    }));
    expect(Array.from((await readImage(file(madeTiff(one)))).volume.data.slice(0, 5))).toEqual([1, 0, 1, 1, 0]);
    const four = one.map((page) => ({
      ...page,
      chunks: [Buffer.from("123450".repeat(4), "hex")],
      tags: [[258, 3, [4]]] as MadeTag[],
    }));
    expect(Array.from((await readImage(file(madeTiff(four)))).volume.data.slice(5, 10))).toEqual([1, 2, 3, 4, 5]);
    const twelve = one.map((page) => ({
      ...page,
      chunks: [Buffer.from("123456789abcdef0".repeat(4), "hex")],
      tags: [[258, 3, [12]]] as MadeTag[],
    }));
    const { volume, stored } = await readImage(file(madeTiff(twelve)));
    expect(Array.from(volume.data.slice(0, 5))).toEqual([0x123, 0x456, 0x789, 0xabc, 0xdef]);
    expect(volume.data).toBeInstanceOf(Uint16Array);
    expect(stored.type).toBe("uint16");
  });

  test("a colour table, and a grey scale that shows 0 as white, keep the stored numbers, and say so", async () => {
    const palette: MadeTag[] = [
      [262, 3, [3]],
      [320, 3, Array.from({ length: 768 }, (_, index) => (index * 257) % 65536)],
    ];
    const coloured = await readLabels(file(madeTiff(pagesOf(bytes, palette))));
    expect(coloured.labels.data).toEqual(bytes);
    expect(coloured.notes).toContain("the file has a colour table; voxels are its indices");
    const white = await readImage(file(madeTiff(pagesOf(bytes, [[262, 3, [0]]]))));
    expect(white.volume.data).toEqual(bytes);
    expect(white.notes).toContain("the file shows 0 as white; voxels keep the stored numbers");
  });

  test("strips of two rows, tiles that go beyond the border, planes of two samples", async () => {
    const stripped = pagesOf(bytes).map(({ chunks: [all], ...page }) => {
      return { ...page, chunks: [all!.subarray(0, 15), all!.subarray(15)], tags: [[278, 4, [3]]] as MadeTag[] };
    });
    expect((await readImage(file(madeTiff(stripped)))).volume.data).toEqual(bytes);
    const tiled = pagesOf(bytes).map(({ chunks: [all], ...page }) => {
      const tile = (left: number): Buffer => {
        const content = Buffer.alloc(16 * 16, 99);
        for (let row = 0; row < height; row++)
          all!.subarray(5 * row + left, 5 * row + Math.min(5, left + 3)).forEach((value, at) => {
            content[3 * row + at] = value;
          });
        return content.subarray(0, 3 * 6);
      };
      const tags: MadeTag[] = [
        [322, 3, [3]],
        [323, 3, [6]],
      ];
      return { ...page, chunks: [tile(0), tile(3)], tags };
    });
    expect((await readImage(file(madeTiff(tiled)))).volume.data).toEqual(bytes);
    const planar = pagesOf(bytes).map(({ chunks: [all], ...page }) => {
      const tags: MadeTag[] = [
        [277, 3, [2]],
        [284, 3, [2]],
        [258, 3, [8, 8]],
      ];
      return { ...page, chunks: [Buffer.alloc(20, 7), all!], tags };
    });
    const path = file(madeTiff(planar));
    await expect(readImage(path)).rejects.toThrow(/expected one number a voxel, got 2 channels of 3 slices$/);
    expect((await readImage(path, { channel: 1 })).volume.data).toEqual(bytes);
  });

  test("Orientation 2, 3 and 4 turn rows and columns: 0 1 2 3 4 becomes 4 3 2 1 0", async () => {
    const row = Array.from({ length: 20 }, (_, index) => index);
    const page = (orientation: number) =>
      madeTiff(pagesOf(Uint8Array.from([...row, ...row, ...row]), [[274, 3, [orientation]]]));
    const first = async (orientation: number) =>
      Array.from((await readImage(file(page(orientation)))).volume.data.slice(0, 5));
    expect(await first(1)).toEqual([0, 1, 2, 3, 4]);
    expect(await first(2)).toEqual([4, 3, 2, 1, 0]);
    expect(await first(3)).toEqual([19, 18, 17, 16, 15]);
    expect(await first(4)).toEqual([15, 16, 17, 18, 19]);
    await expect(readImage(file(page(6)))).rejects.toThrow(
      /expected rows that run across \(Orientation 1 to 4\), got Orientation 6$/,
    );
  });
});

describe("packed pixels of a TIFF", () => {
  const packedPages = (pack: (strip: Uint8Array) => Uint8Array, tags: MadeTag[], data: VoxelArray = bytes): Buffer =>
    madeTiff(pagesOf(data, tags).map((page) => ({ ...page, chunks: page.chunks.map(pack) })));

  test("deflate, under both of its numbers, and PackBits with runs, copies and a filler", async () => {
    for (const compression of [8, 32946]) {
      const path = file(packedPages((strip) => deflateSync(strip), [[259, 3, [compression]]]));
      expect((await readImage(path)).volume.data).toEqual(bytes);
    }
    // 0xfd is a run of 4, 0x80 means nothing, 0x0f is a copy of 16.
    const packBits = (strip: Uint8Array) => Buffer.concat([Buffer.of(0xfd, strip[0]!, 0x80, 0x0f), strip.subarray(4)]);
    const sameStart = bytes.map((value, index) => (index % 20 < 4 ? bytes[index - (index % 20)]! : value));
    const path = file(packedPages(packBits, [[259, 3, [32773]]], sameStart));
    expect((await readImage(path)).volume.data).toEqual(sameStart);
  });

  test("JPEG of grey pixels with shared tables: as libjpeg reads it, but for the last step of its rounding", async () => {
    const { volume, stored } = await readImage(fixture("tiff/jpeg.tif"));
    expect([volume.shape, stored.type]).toEqual([[3, 18, 21], "uint8"]);
    const expected = jsonFixture<number[]>("tiff/jpeg.json");
    const distances = expected.map((value, i) => Math.abs(value - volume.data[i]!));
    expect(Math.max(...distances)).toBeLessThanOrEqual(1);
    expect(distances.filter((distance) => distance > 0).length).toBeLessThan(0.1 * expected.length);
  });

  test("damaged JPEG, and JPEG of more than 8 bits, are refused by name", async () => {
    const stored = readFileSync(fixture("tiff/jpeg.tif"));
    const damaged = Buffer.from(stored).fill(0, 700, 800);
    await expect(readImage(file(damaged))).rejects.toThrow(/expected undamaged JPEG pixels, got un(known|expected)/);
    const deep = madeTiff(
      pagesOf(words, [
        [258, 3, [16]],
        [259, 3, [7]],
      ]),
    );
    await expect(readImage(file(deep))).rejects.toThrow("expected 8 bits a sample in JPEG, got 16");
    const old = madeTiff(pagesOf(bytes, [[259, 3, [6]]]));
    await expect(readImage(file(old))).rejects.toThrow(/Zstandard or JPEG, got old JPEG/);
  });

  test("LZW, by hand: 256 clears, 65 66 are themselves, 258 is what they make, 257 ends", async () => {
    // A B AB ABA (code 260 before it is complete) and so on: 65 66 258 260 gives A B A B A B A; 9 bits a code.
    const codes = [256, 65, 66, 258, 260, 257];
    const bits = codes.map((code) => code.toString(2).padStart(9, "0")).join("");
    const packed = Buffer.from(
      bits
        .padEnd(Math.ceil(bits.length / 8) * 8, "0")
        .match(/.{8}/g)!
        .map((byte) => Number.parseInt(byte, 2)),
    );
    const page: MadePage = { width: 7, height: 1, chunks: [packed], tags: [[259, 3, [5]]] };
    const { data } = (await readImage(file(madeTiff([page, page])))).volume;
    expect(Buffer.from(data as Uint8Array).toString()).toBe("ABABABAABABABA");
  });

  test("horizontal differences of 8, 16 and 32 bits, also big-endian: 5, then 250 more, wraps to 255", async () => {
    const differences = <Data extends Uint8Array | Uint16Array | Uint32Array>(data: Data): Data =>
      data.map((value, index) => (index % width === 0 ? value : value - data[index - 1]!)) as Data;
    const wide = Uint32Array.from(words, (value) => value * 65537);
    for (const [data, bits] of [
      [bytes, 8],
      [words, 16],
      [wide, 32],
    ] as const) {
      const tags: MadeTag[] = [
        [258, 3, [bits]],
        [259, 3, [8]],
        [317, 3, [2]],
      ];
      const little = file(packedPages((strip) => deflateSync(strip), tags, differences(data)));
      expect((await readImage(little)).volume.data).toEqual(data);
      const turned = Buffer.from(Buffer.from(differences(data).buffer));
      if (bits === 16) turned.swap16();
      if (bits === 32) turned.swap32();
      const pages = pagesOf(new Uint8Array(turned), tags).map((page) => ({
        ...page,
        chunks: page.chunks.map((strip) => deflateSync(strip)),
      }));
      expect((await readImage(file(madeTiff(pages, { littleEndian: false })))).volume.data).toEqual(data);
    }
  });

  test("differences of the bytes of floats, highest bytes of a row first, in either byte order", async () => {
    const floats = Float32Array.from({ length: 60 }, (_, index) => index / 8 - 3);
    const pack = (strip: Uint8Array): Uint8Array => {
      const rows = Buffer.alloc(strip.length);
      for (let row = 0; row < height; row++) {
        const at = row * width * 4;
        for (let item = 0; item < width; item++)
          for (let byte = 0; byte < 4; byte++) rows[at + byte * width + item] = strip[at + 4 * item + 3 - byte]!;
        for (let index = width * 4 - 1; index > 0; index--)
          rows[at + index] = rows[at + index]! - rows[at + index - 1]!;
      }
      return deflateSync(rows);
    };
    const tags: MadeTag[] = [
      [258, 3, [32]],
      [259, 3, [8]],
      [317, 3, [3]],
      [339, 3, [3]],
    ];
    const pages = pagesOf(floats, tags).map((page) => ({ ...page, chunks: page.chunks.map(pack) }));
    for (const littleEndian of [true, false]) {
      expect((await readImage(file(madeTiff(pages, { littleEndian })))).volume.data).toEqual(floats);
    }
  });
});

describe("the axes of a TIFF", () => {
  const micrometres: MadeTag[] = [
    [282, 5, [4, 2]],
    [283, 5, [5, 1]],
    [296, 3, [1]],
  ];

  test("ImageJ: 2 and 5 pixels per um are 0.0005 and 0.0002 mm, spacing 3 is 0.003 mm", async () => {
    for (const unit of ["um", "micron", "\\u00B5m", "µm"]) {
      const text = `ImageJ=1.53t\nimages=3\nslices=3\nunit=${unit}\nspacing=3.0\nloop=false\n`;
      const { volume, notes } = await readImage(file(described(text, micrometres)));
      [0.003, 0.0002, 0.0005].forEach((mm, axis) => {
        expect(volume.spacing[axis], unit).toBeCloseTo(mm, 12);
      });
      expect(notes).toEqual(["no orientation is stored; x is taken to run left, y to the back, z up"]);
    }
  });

  test("ImageJ leaves out a spacing of 1, and its inch is a print resolution", async () => {
    const one = await readImage(file(described("ImageJ=1\nimages=3\nslices=3\nunit=mm\n", micrometres)));
    expect(one.volume.spacing).toEqual([1, 0.2, 0.5]);
    expect(one.notes).toContain("no distance of slices is stored, by which ImageJ means 1 mm");
    const print: MadeTag[] = [
      [282, 5, [300, 1]],
      [283, 5, [300, 1]],
      [296, 3, [2]],
    ];
    for (const text of ["ImageJ=1\nimages=3\nslices=3\nunit=inch\n", "a scan"]) {
      const { volume, notes } = await readImage(file(described(text, print)));
      expect(volume.spacing).toEqual([1, 1, 1]);
      expect(notes).toContain("no voxel size is stored; taken as 1 mm");
      if (text === "a scan") {
        expect(notes).toContain(
          "a resolution of 300 dots per inch is stored; it is for printing and not taken as a voxel size",
        );
      }
    }
  });

  test("channels and time points are no slices; one is read on request, channels fastest", async () => {
    const data = Uint8Array.from({ length: 160 }, (_, index) => Math.floor(index / 20));
    const [first, ...rest] = pagesOf(data, [], 8);
    const tiff = (description: string): string =>
      file(madeTiff([{ ...first!, tags: [[270, 2, description]] }, ...rest]));
    const pagesRead = async (path: string, part: object): Promise<number[]> => {
      const { volume } = await readImage(path, part);
      return Array.from({ length: volume.shape[0] }, (_, slice) => volume.data[20 * slice]!);
    };
    const ij = tiff("ImageJ=1\nimages=8\nchannels=2\nslices=2\nframes=2\nhyperstack=true\n");
    await expect(readImage(ij)).rejects.toThrow(/expected one number a voxel, got 2 channels of 2 slices$/);
    await expect(readImage(ij, { channel: 1 })).rejects.toThrow(
      /expected one volume with three axes, got 2 time points of 2 slices; --volume N/,
    );
    expect(await pagesRead(ij, { channel: 1, volume: 1 })).toEqual([5, 7]);
    const ome = (order: string, more = "") =>
      tiff(
        `<?xml version="1.0"?><OME xmlns="x"><Image><Pixels DimensionOrder="${order}" SizeX="5" SizeY="4" SizeZ="2" SizeC="2" SizeT="2" Type="uint8">${more}</Pixels></Image></OME>`,
      );
    expect(await pagesRead(ome("XYCZT"), { channel: 1, volume: 1 })).toEqual([5, 7]);
    expect(await pagesRead(ome("XYZCT"), { channel: 1, volume: 1 })).toEqual([6, 7]);
    expect(await pagesRead(ome("XYTCZ"), { channel: 1, volume: 0 })).toEqual([2, 6]);
    // Explicit places: the eight planes lie in the pages from the last to the first.
    const places = Array.from(
      { length: 8 },
      (_, at) =>
        `<TiffData IFD="${7 - at}" FirstZ="${at % 2}" FirstC="${(at >> 1) % 2}" FirstT="${at >> 2}" PlaneCount="1"/>`,
    );
    expect(await pagesRead(ome("XYZCT", places.join("")), { channel: 0, volume: 0 })).toEqual([7, 6]);
    const shaped = tiff('{"shape": [2, 2, 2, 4, 5], "axes": "TZCYX"}');
    expect(await pagesRead(shaped, { channel: 0, volume: 1 })).toEqual([4, 6]);
    await expect(readImage(tiff('{"shape": [4, 2, 4, 5]}'))).rejects.toThrow(
      /expected one volume with three axes, got axes of 4 x 2 x 4 x 5 pixels$/,
    );
    await expect(readImage(tiff("ImageJ=1\nimages=8\nframes=8\n"))).rejects.toThrow(
      /got 8 time points of one slice; --volume N/,
    );
  });

  test("OME: sizes in the unit named, in micrometres if none is", async () => {
    const xml = (sizes: string): Buffer =>
      described(
        `<OME:OME><OME:Image><OME:Pixels DimensionOrder="XYZCT" SizeX="5" SizeY="4" SizeZ="3" SizeC="1" SizeT="1" ${sizes}><OME:TiffData/></OME:Pixels></OME:Image></OME:OME>`,
      );
    const spacing = async (sizes: string): Promise<number[]> => [...(await readImage(file(xml(sizes)))).volume.spacing];
    expect(await spacing('PhysicalSizeX="500" PhysicalSizeY="250" PhysicalSizeZ="2000"')).toEqual([2, 0.25, 0.5]);
    expect(
      await spacing(
        'PhysicalSizeX="0.5" PhysicalSizeXUnit="mm" PhysicalSizeY="250" PhysicalSizeYUnit="&#181;m" PhysicalSizeZ="0.2" PhysicalSizeZUnit="cm"',
      ),
    ).toEqual([2, 0.25, 0.5]);
    expect(await spacing('PhysicalSizeX="500" PhysicalSizeY="250"')).toEqual([0.5, 0.25, 0.5]);
    expect(await spacing("")).toEqual([1, 1, 1]);
    const { notes } = await readImage(file(xml('PhysicalSizeX="500" PhysicalSizeY="250"')));
    expect(notes).toContain("no voxel size along z is stored; taken as 0.5 mm, as the others");
    const binaryOnly = described('<OME><BinaryOnly MetadataFile="a.ome.tif"/></OME>');
    await expect(readImage(file(binaryOnly))).rejects.toThrow(
      /expected an OME-TIFF with its metadata, got one whose metadata lie in another file$/,
    );
  });

  test("tifffile's JSON: spacing and unit beside the resolution", async () => {
    const { volume } = await readImage(
      file(described('{"shape": [3, 4, 5], "axes": "ZYX", "spacing": 3.0, "unit": "um"}', micrometres)),
    );
    [0.003, 0.0002, 0.0005].forEach((mm, axis) => {
      expect(volume.spacing[axis]).toBeCloseTo(mm, 12);
    });
  });

  test("planes that follow one another behind a single page, as ImageJ writes big stacks", async () => {
    const page: MadePage = {
      width,
      height,
      chunks: [bytes],
      tags: [
        [270, 2, "ImageJ=1\nimages=3\nslices=3\n"],
        [279, 4, [20]],
      ],
    };
    expect((await readImage(file(madeTiff([page])))).volume).toMatchObject({ data: bytes, shape: [3, 4, 5] });
    const more: MadePage = {
      ...page,
      tags: [
        [270, 2, "ImageJ=1\nimages=99\nslices=99\n"],
        [279, 4, [20]],
      ],
    };
    await expect(readImage(file(madeTiff([more])))).rejects.toThrow(
      /expected 99 planes of 20 bytes from byte 8, got a file of \d+ bytes$/,
    );
  });

  test("a reduced copy of a page is left out", async () => {
    const [first, ...rest] = pagesOf(bytes);
    const small: MadePage = { width: 2, height: 2, chunks: [Buffer.alloc(4)], tags: [[254, 4, [1]]] };
    expect((await readImage(file(madeTiff([first!, small, ...rest])))).volume.data).toEqual(bytes);
  });
});

describe("what is wrong with a TIFF is said", () => {
  const whole = madeTiff(pagesOf(bytes));
  const withTags = (tags: MadeTag[]): Buffer => madeTiff(pagesOf(bytes, tags));
  const packed = (compression: number, chunk: Uint8Array): Buffer =>
    madeTiff(pagesOf(bytes, [[259, 3, [compression]]]).map((page) => ({ ...page, chunks: [chunk] })));
  const flipped = deflateSync(bytes.subarray(0, 20));
  flipped[flipped.length - 1]! ^= 1; // The checksum.

  test.each<[string, Buffer, RegExp]>([
    [
      "a file cut in its last page",
      whole.subarray(0, -10),
      /expected a page's tags: \d+ bytes at \d+, got a file of \d+ bytes$/,
    ],
    [
      "pixels beyond the file",
      withTags([[273, 4, [100_000]]]),
      /expected pixels: 20 bytes at 100000, got a file of \d+ bytes$/,
    ],
    ["strips that are too short", withTags([[279, 4, [19]]]), /expected 20 bytes in a strip or tile, got 19$/],
    ["a strip too few", withTags([[278, 4, [2]]]), /expected 2 strips of a page, got 1$/],
    [
      "deflate with a wrong checksum",
      packed(8, flipped),
      /expected undamaged deflate pixels, got incorrect data check$/,
    ],
    [
      "deflate cut short",
      packed(8, deflateSync(bytes.subarray(0, 20)).subarray(0, 10)),
      /expected undamaged deflate pixels, got unexpected end of file$/,
    ],
    [
      "deflate of too little",
      packed(8, deflateSync(bytes.subarray(0, 19))),
      /expected 20 bytes in a strip or tile, got 19$/,
    ],
    ["LZW of too little", packed(5, Buffer.of(0x80, 0x10, 0x10)), /expected 20 bytes in a strip or tile, got 1$/],
    ["PackBits of too little", packed(32773, Buffer.of(0x03, 1, 2)), /expected 20 bytes in a strip or tile, got 2$/],
    ["CCITT", packed(4, Buffer.alloc(9)), /expected TIFF compression none, LZW, .* got CCITT \(fax\)$/],
    [
      "colours",
      withTags([
        [277, 3, [3]],
        [258, 3, [8, 8, 8]],
        [262, 3, [2]],
      ]),
      /expected one number a voxel, got 3 colours or channels of 3 slices$/,
    ],
    [
      "complex numbers",
      withTags([
        [258, 3, [64]],
        [339, 3, [6]],
      ]),
      /expected integers or floats, got complex numbers$/,
    ],
    [
      "floats of 24 bits",
      withTags([
        [258, 3, [24]],
        [339, 3, [3]],
      ]),
      /got floats of 24 bits$/,
    ],
    [
      "pages of unlike bits",
      madeTiff([...pagesOf(bytes), ...pagesOf(words, [[258, 3, [16]]])]),
      /expected pages of one size and type, 5 x 4 pixels of uint8, got 5 x 4 pixels of uint16 on page 4$/,
    ],
    [
      "one page",
      madeTiff(pagesOf(bytes).slice(0, 1)),
      /expected one volume with three axes, got one slice of 5 x 4 pixels$/,
    ],
    [
      "a page too few",
      described("ImageJ=1\nimages=4\nslices=4\n"),
      /expected 4 planes, as the description says, got 3 pages$/,
    ],
    [
      "a Zeiss LSM file",
      withTags([[34412, 3, [1, 2, 3]]]),
      /expected a plain, ImageJ or OME TIFF, got a Zeiss LSM file: export it as OME-TIFF$/,
    ],
  ])("%s", async (_, content, message) => {
    await expect(readImage(file(content))).rejects.toThrow(message);
    await expect(readImage(file(content))).rejects.toMatchObject({ name: "FileError" });
  });

  test("pages that come back to the first", async () => {
    const looped = Buffer.from(whole);
    const second = looped.readUInt32LE(looped.readUInt32LE(4) + 2 + 12 * looped.readUInt16LE(looped.readUInt32LE(4)));
    looped.writeUInt32LE(looped.readUInt32LE(4), second + 2 + 12 * looped.readUInt16LE(second));
    await expect(readImage(file(looped))).rejects.toThrow(/expected a list of pages that ends, got one that does not$/);
  });
});
