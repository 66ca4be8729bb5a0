import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { FileError } from "../fileError.ts";
import { readImage } from "../readImage.ts";
import { temporaryFolder } from "../testing/temporaryFolder.ts";
import { fileSource, openBytes } from "./byteSource.ts";
import { framesOf } from "./framesOf.ts";
import { readHeader } from "./readHeader.ts";
import { readPixels } from "./readPixels.ts";
import { decodeRunLengths } from "./runLengths.ts";
import { type MadeElement, type MadeSyntax, sequence, sliceElements, writeDicom } from "./testing/writeDicom.ts";

const prefix = "1.2.840.10008.1.2";
const syntaxes: Readonly<Record<string, MadeSyntax>> = {
  "implicit little endian": { uid: prefix, explicit: false },
  "explicit little endian": { uid: `${prefix}.1` },
  "explicit big endian": { uid: `${prefix}.2`, littleEndian: false },
  deflated: { uid: `${prefix}.1.99`, deflated: true },
};
const bits = (allocated: number, stored: number, signed: boolean): MadeElement[] => [
  [0x0028_0100, "US", [allocated]],
  [0x0028_0101, "US", [stored]],
  [0x0028_0102, "US", [stored - 1]],
  [0x0028_0103, "US", [signed ? 1 : 0]],
];

function write(values: readonly number[], more: readonly MadeElement[], syntax?: MadeSyntax): string {
  const path = join(temporaryFolder(), "slice.dcm");
  writeDicom(path, sliceElements(values, [1, values.length], [0, 0, 0], more), syntax);
  return path;
}

test.each(Object.entries(syntaxes))("%s holds the same values and places", async (_, syntax) => {
  const groups: MadeElement = sequence(
    0x5200_9229,
    sequence(0x0028_9145, [0x0028_1052, "DS", "-7"], [0x0028_1053, "DS", "2"]),
  );
  const { volume } = await readImage(write([0, 1, 258, 65535], [groups], syntax));
  expect([...volume.data]).toEqual([-7, -5, 509, 131063]);
  expect(volume.spacing).toEqual([5, 2, 1.5]);
});

test("signs of 12 bits are extended, and bits above those stored are left out", async () => {
  // 0x0fff is -1 in 12 bits; 0xf001 is 1 with an overlay above it.
  expect([...(await readImage(write([0x0fff, 0x0800, 0x07ff], bits(16, 12, true)))).volume.data]).toEqual([
    -1, -2048, 2047,
  ]);
  expect([...(await readImage(write([0xf001, 0x0fff], bits(16, 12, false)))).volume.data]).toEqual([1, 4095]);
});

test("MONOCHROME1 is kept as stored, and told", async () => {
  const { volume, notes } = await readImage(write([0, 4095], [[0x0028_0004, "CS", "MONOCHROME1"]]));
  expect([...volume.data]).toEqual([0, 4095]);
  expect(notes.join()).toContain("MONOCHROME1");
});

test("a table of values is refused, and a slope of 0", async () => {
  await expect(readImage(write([1], [sequence(0x0028_3000, [0x0028_3006, "US", [1]])]))).rejects.toThrow(
    /Modality LUT/,
  );
  await expect(readImage(write([1], [[0x0028_1053, "DS", "0"]]))).rejects.toThrow(/a rescale slope other than 0/);
});

test("run lengths: literal bytes, runs, and planes with the most significant byte first", () => {
  // Two planes for the numbers 0x0105, 0x0106, 0x0106, 0x0106: a run of four 1s; 5 as it is, then a run of three 6s.
  const planes = [Buffer.from([256 - 3, 1]), Buffer.from([0, 5, 256 - 2, 6])];
  const header = Buffer.alloc(64);
  header.writeUInt32LE(2, 0);
  header.writeUInt32LE(64, 4);
  header.writeUInt32LE(66, 8);
  const bytes = decodeRunLengths("x", Buffer.concat([header, ...planes]), 4, 2);
  expect([...new Uint16Array(bytes.buffer)]).toEqual([0x0105, 0x0106, 0x0106, 0x0106]);
  expect(() => decodeRunLengths("x", Buffer.concat([header, planes[0]!]), 4, 2)).toThrow(/undamaged run lengths/);
});

test("frames of an enhanced file lie where their functional groups say, in any order", async () => {
  const path = join(temporaryFolder(), "enhanced.dcm");
  const frame = (z: number): MadeElement[] => [sequence(0x0020_9113, [0x0020_0032, "DS", `0\\0\\${z}`])];
  const elements = sliceElements(
    [1, 2, 3, 4, 5, 6],
    [1, 2],
    [9, 9, 9],
    [
      [0x0028_0008, "IS", "3"],
      [0x5200_9230, "SQ", [frame(4), frame(0), frame(2)]],
    ],
  );
  writeDicom(path, elements);
  const { volume, affine } = await readImage(path);
  expect([...volume.data]).toEqual([3, 4, 5, 6, 1, 2]);
  expect([volume.spacing[0], affine[3], affine[11]]).toEqual([2, 0, 0]);
});

test("frames in fragments are parted by the offset table or one fragment a frame", async () => {
  const path = join(temporaryFolder(), "rle.dcm");
  const rle = (value: number): Buffer => {
    const header = Buffer.alloc(64);
    header.writeUInt32LE(2, 0);
    header.writeUInt32LE(64, 4);
    header.writeUInt32LE(66, 8);
    return Buffer.concat([header, Buffer.from([255, 0, 255, value])]);
  };
  const frame = (z: number): MadeElement[] => [sequence(0x0020_9113, [0x0020_0032, "DS", `0\\0\\${z}`])];
  const elements = sliceElements(
    [],
    [1, 2],
    [0, 0, 0],
    [
      [0x0028_0008, "IS", "2"],
      [0x5200_9230, "SQ", [frame(0), frame(2)]],
    ],
  ).filter(([tag]) => tag !== 0x7fe0_0010);
  writeDicom(path, elements, { uid: `${prefix}.5` }, [rle(7), rle(8)]);
  expect([...(await readImage(path)).volume.data]).toEqual([7, 7, 8, 8]);
});

test("damaged bytes give an error of ours or a volume, never anything else", async () => {
  const whole = readFileSync(
    write([1, 2, 3, 4], [sequence(0x5200_9229, sequence(0x0028_9110, [0x0028_0030, "DS", "1\\1"]))]),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      async (flips) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of flips) bytes[at] = value;
        const source = { name: "made", open: async () => openBytes("made", bytes) };
        try {
          const header = await readHeader(source);
          const frames = header && framesOf(header);
          if (Array.isArray(frames) && frames.length <= 4 && frames[0]!.rows * frames[0]!.columns < 1e6)
            await readPixels(frames);
        } catch (error) {
          expect(error).toBeInstanceOf(FileError);
        }
      },
    ),
    { numRuns: 400, seed: 7 },
  );
});

test("a header that is longer than the first read is read whole", async () => {
  const path = write(
    [5, 6],
    [
      [0x0009_0010, "LO", "MADE"],
      [0x0009_1001, "OB", new Uint8Array(40_000)],
    ],
  );
  const header = await readHeader(fileSource(path));
  expect(header!.pixels!.valueStart).toBeGreaterThan(40_000);
  expect([...(await readImage(path)).volume.data]).toEqual([5, 6]);
});
