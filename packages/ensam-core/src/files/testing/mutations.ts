import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deflateSync, gzipSync } from "node:zlib";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { expect } from "vitest";
import { affineOfLps } from "../../geometry/index.ts";
import { dicomSpecimens } from "../dicom/testing/dicomSpecimens.ts";
import {
  FileError,
  npyArray,
  readChallengeCase,
  readImage,
  readLabels,
  readSafetensors,
  writeNifti,
  writeNpz,
} from "../index.ts";
import { encodeSafetensors } from "../safetensors.ts";
import { fixture } from "./fixtures.ts";
import { madeTiff } from "./madeTiff.ts";

/** A small file of some format, and how to read it; `voxels` where its packing has a checksum, so that other voxels are never right. */
export interface Specimen {
  readonly name: string;
  readonly bytes: Buffer;
  readonly read: (path: string) => Promise<unknown>;
  readonly packedFrom?: number;
}

const shape = [3, 4, 5] as const;
const values = Int16Array.from({ length: 60 }, (_, index) => (index * 7919) % 4001);
const raw = Buffer.from(values.buffer);
const space = "space: LPS\nspace directions: (0.5,0,0) (0,0.5,0) (0,0,2)\nspace origin: (1,2,3)\n";

/** Specimens of every format and packing that this room reads. `folder` is for the makers that write files. */
export async function specimens(folder: string): Promise<Specimen[]> {
  const affine = affineOfLps([0.5, 0.5, 2], [1, 0, 0, 0, 1, 0, 0, 0, 1], [1, 2, 3]);
  for (const name of ["a.nii", "a.nii.gz"]) await writeNifti(join(folder, name), { data: values, shape }, affine);
  const imgs = npyArray(new Uint8Array(60), shape);
  await writeNpz(join(folder, "a.npz"), { imgs, spacing: npyArray(Float64Array.of(1, 1, 2), [3]) });
  const tensors = { a: { shape: [2, 3], data: new Float32Array(6) }, b: { shape: [4], data: new Int32Array(4) } };
  return [
    image("a.nii", readFileSync(join(folder, "a.nii"))),
    image("a.nii.gz", readFileSync(join(folder, "a.nii.gz")), 0),
    ...textHeaders(),
    ...tiffs(),
    image("a.gipl", gipl()),
    image("b.gipl.gz", gzipSync(gipl()), 0),
    image("a.npz", readFileSync(join(folder, "a.npz"))),
    { name: "case.npz", bytes: readFileSync(fixture("npz/numpy2_order_with_none.npz")), read: readChallengeCase },
    {
      name: "a.safetensors",
      bytes: Buffer.from(encodeSafetensors(tensors, { key: "value" })),
      read: async (path) => readSafetensors(path),
    },
    ...dicomSpecimens(folder).map(({ name, bytes, of }): Specimen => {
      const read =
        of === "folder" ? (path: string) => readImage(dirname(path)) : of === "labels" ? readLabels : readImage;
      return { name, bytes, read };
    }),
  ];
}

function image(name: string, bytes: Buffer, packedFrom?: number): Specimen {
  return { name, bytes, read: readImage, ...(packedFrom !== undefined && { packedFrom }) };
}

function textHeaders(): Specimen[] {
  const nrrd = (fields: string, payload: Uint8Array): Buffer =>
    Buffer.concat([
      Buffer.from(`NRRD0004\ntype: short\ndimension: 3\nsizes: 5 4 3\nendian: little\n${space}${fields}\n`),
      payload,
    ]);
  const meta = (fields: string, payload: Uint8Array): Buffer =>
    Buffer.concat([
      Buffer.from(
        `ObjectType = Image\nNDims = 3\nDimSize = 5 4 3\nElementSpacing = 1 1 2\nTransformMatrix = 1 0 0 0 1 0 0 0 1\nElementType = MET_SHORT\n${fields}ElementDataFile = LOCAL\n`,
      ),
      payload,
    ]);
  const packed = (bytes: Buffer, name: string, payload: Buffer): Specimen =>
    image(name, bytes, bytes.length - payload.length);
  const [gz, zlib] = [gzipSync(raw), deflateSync(raw)];
  return [
    image("raw.nrrd", nrrd("encoding: raw\nline skip: 0\nbyte skip: 0\n", raw)),
    packed(nrrd("encoding: gzip\n", gz), "gzip.nrrd", gz),
    image("ascii.nrrd", nrrd("encoding: ascii\n", Buffer.from(Array.from(values).join(" ")))),
    image("hex.nrrd", nrrd("encoding: hex\n", Buffer.from(raw.toString("hex")))),
    image("list.nhdr", nrrd("encoding: raw\ndata file: LIST\nx.raw\ny.raw\nz.raw", Buffer.alloc(0))),
    image(
      "layers.seg.nrrd",
      Buffer.from(
        "NRRD0004\ntype: uchar\ndimension: 4\nsizes: 2 2 2 1\nkinds: list domain domain domain\nspace: RAS\nspace directions: none (1,0,0) (0,1,0) (0,0,1)\nencoding: raw\nSegment0_ID:=a\n\nabcdefgh",
      ),
    ),
    image("raw.mha", meta("", raw)),
    packed(meta(`CompressedData = True\nCompressedDataSize = ${zlib.length}\n`, zlib), "zlib.mha", zlib),
    image("text.mha", meta("BinaryData = False\n", Buffer.from(Array.from(values).join(" ")))),
  ];
}

function tiffs(): Specimen[] {
  const pages = (pack: (strip: Buffer) => Uint8Array, compression: number, predictor = 1, description?: string) =>
    [0, 40, 80].map((at) => ({
      width: 5,
      height: 4,
      chunks: [pack(raw.subarray(at, at + 40))],
      tags: [
        [258, 3, [16]] as const,
        [259, 3, [compression]] as const,
        [317, 3, [predictor]] as const,
        ...(description === undefined ? [] : [[270, 2, description] as const]),
      ],
    }));
  const plain = (strip: Buffer): Buffer => strip;
  const packBits = (strip: Buffer): Buffer => Buffer.concat([Buffer.of(strip.length - 1), strip]);
  const imageJ = "ImageJ=1\nimages=3\nslices=3\nunit=um\nspacing=2\n";
  const ome =
    '<OME><Image><Pixels DimensionOrder="XYZCT" SizeX="5" SizeY="4" SizeZ="3" SizeC="1" SizeT="1" PhysicalSizeX="0.5"><TiffData IFD="0" PlaneCount="3"/></Pixels></Image></OME>';
  return [
    image("plain.tif", madeTiff(pages(plain, 1))),
    image("big.tif", madeTiff(pages(plain, 1), { big: true })),
    image("imagej.tif", madeTiff(pages(plain, 1, 1, imageJ), { littleEndian: false })),
    image("ome.tif", madeTiff(pages(plain, 1, 1, ome))),
    image("shaped.tif", madeTiff(pages(plain, 1, 1, '{"shape": [3, 4, 5], "axes": "ZYX"}'))),
    image("deflate.tif", madeTiff(pages((strip) => deflateSync(strip), 8, 2))),
    image("packbits.tif", madeTiff(pages(packBits, 32773))),
    image(
      "lzw.tif",
      madeTiff(
        [0, 1].map(() => ({
          width: 7,
          height: 1,
          chunks: [Buffer.from("80105060a8", "hex")],
          tags: [[259, 3, [5]] as const],
        })),
      ),
    ),
  ];
}

function gipl(): Buffer {
  const header = Buffer.alloc(256);
  [5, 4, 3, 1].forEach((length, axis) => {
    header.writeUInt16BE(length, 2 * axis);
  });
  header.writeUInt16BE(15, 8);
  [1, 2, 3].forEach((mm, axis) => {
    header.writeFloatBE(mm, 10 + 4 * axis);
  });
  header.writeUInt32BE(0xefffe9b0, 252);
  return Buffer.concat([header, Buffer.from(raw).swap16()]);
}

/**
 * Reads `count` damaged copies of the specimens, each with one to three of: a flipped bit, another byte, a cut, a hole,
 * a doubled stretch, an extreme number, another digit. Each must be read or be refused by a FileError of one line;
 * where only packed bytes were touched, read voxels must be the right ones. Returns how many were read.
 */
export async function readMutations(folder: string, seed: number, count: number): Promise<number> {
  const random = xoroshiro128plus(seed);
  const below = (limit: number): number => (random.next() >>> 0) % Math.max(1, limit);
  const all = await specimens(folder);
  for (const name of ["x.raw", "y.raw", "z.raw"]) writeFileSync(join(folder, name), raw.subarray(0, 40));
  const right = new Map<string, string>();
  for (const specimen of all) {
    const outcome = await outcomeOf(folder, specimen, specimen.bytes);
    if (specimen.name.endsWith(".dcm")) expect(outcome, specimen.name).not.toMatch(/^refused/);
    right.set(specimen.name, outcome);
  }
  let read = 0;
  for (let index = 0; index < count; index++) {
    const specimen = all[index % all.length]!;
    const from = specimen.packedFrom !== undefined && below(2) === 0 ? specimen.packedFrom : 0;
    let bytes: Buffer = Buffer.from(specimen.bytes);
    for (let step = 1 + below(3); step > 0; step--) bytes = mutated(bytes, from, below);
    const outcome = await outcomeOf(folder, specimen, bytes);
    if (specimen.name.includes("/")) writeFileSync(join(folder, specimen.name), specimen.bytes); // A slice that others lie beside.
    if (outcome.startsWith("refused")) continue;
    read++;
    if (from > 0) expect(outcome, `${specimen.name}, mutation ${index} of seed ${seed}`).toBe(right.get(specimen.name));
  }
  return read;
}

/** What reading gives, as text: a checksum of the voxels, or the refusal. Any other error fails the test. */
async function outcomeOf(folder: string, { name, read }: Specimen, bytes: Buffer): Promise<string> {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  try {
    const found = (await read(path)) as { volume?: { data: ArrayBufferView } };
    const data = found.volume?.data;
    if (data === undefined) return "read";
    return createHash("sha256")
      .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
      .digest("hex");
  } catch (error) {
    if (!(error instanceof FileError)) throw new Error(`${name}: ${bytes.toString("base64")}`, { cause: error });
    expect(error.message).toMatch(/^[^\n]+: expected [^\n]+, got [^\n]*$/);
    return `refused: ${error.message}`;
  }
}

const extremes = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

function mutated(bytes: Buffer, from: number, below: (limit: number) => number): Buffer {
  const at = from + below(bytes.length - from);
  const length = 1 + below(8);
  switch (below(7)) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
      return bytes;
    case 1:
      bytes[at] = below(256);
      return bytes;
    case 2:
      return bytes.subarray(0, at);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 4:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    case 5:
      if (at + 4 <= bytes.length) bytes.writeUInt32LE(extremes[below(extremes.length)]!, at);
      return bytes;
    default: {
      const digit = bytes.subarray(at).findIndex((byte) => byte >= 48 && byte <= 57);
      if (digit >= 0) bytes[at + digit] = 48 + below(10);
      return bytes;
    }
  }
}
