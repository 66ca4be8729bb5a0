import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { affineOfLps } from "../geometry/index.ts";
import { FileError, readImage } from "./index.ts";
import { type ItkReader, itk } from "./testing/readWithItk.ts";
import { missing, sharedPath } from "./testing/shared.ts";
import { temporaryFolder } from "./testing/temporaryFolder.ts";

const readers: readonly (readonly [RegExp, ItkReader])[] = [
  [/\.n(rrd|hdr)$/, "nrrdReadImageNode"],
  [/\.mh[ad]$/, "metaReadImageNode"],
  [/\.gipl(\.gz)?$/, "giplReadImageNode"],
  [/\.tiff?$/, "tiffReadImageNode"],
];

function readerOf(path: string): ItkReader | undefined {
  return readers.find(([name]) => name.test(path))?.[1];
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : readerOf(path) ? [path] : [];
  });
}

/** Compares ours with ITK's reading; says whether both read it. What ITK reads as one volume of plain numbers, ours must read too. */
async function compare(read: ReturnType<typeof itk>, path: string): Promise<boolean> {
  const theirs = await read(path, readerOf(path)!);
  const ours = await readImage(path).catch((error: unknown) => error as FileError);
  if (theirs instanceof Error || theirs.size.length !== 3 || theirs.components !== 1) {
    expect(ours, path).toBeInstanceOf(FileError);
    return false;
  }
  if (ours instanceof Error) throw ours;
  expect([...ours.volume.shape].reverse(), path).toEqual([...theirs.size]);
  expect(ours.stored.type, path).toBe(theirs.componentType);
  expect(Buffer.compare(bytesOf(ours.volume.data), bytesOf(theirs.data as never)), path).toBe(0);
  const affine = affineOfLps(theirs.spacing, theirs.direction, theirs.origin);
  affine.forEach((value, index) => {
    expect(Math.abs(ours.affine[index]! - value), `${path}: ${index}`).toBeLessThan(
      1e-6 * Math.max(1, Math.abs(value)),
    );
  });
  return true;
}

function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

test("every sample of these formats is what ITK reads", async ({ skip }) => {
  const { isMissing, reason } = missing("samples");
  skip(isMissing, reason);
  const read = itk();
  let [same, refused] = [0, 0];
  for (const folder of ["samples", "samples2"]) {
    if (missing(folder).isMissing) continue;
    for (const path of filesBelow(sharedPath(folder))) {
      if (await compare(read, path)) same++;
      else refused++;
    }
  }
  expect(same).toBeGreaterThan(20);
  expect(refused).toBeLessThan(same);
});

const values = Int16Array.from({ length: 60 }, (_, index) => index * 37 - 400);
const raw = Buffer.from(values.buffer);
const big = Buffer.from(raw).swap16();
const directions = "space directions: (0.5,0,0) (0,0.4,0.3) (0,-0.6,0.8)\nspace origin: (10,-20,30.5)\n";

function nrrd(fields: string, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`NRRD0004\ntype: short\ndimension: 3\nsizes: 5 4 3\n${fields}\n`), payload]);
}

function meta(fields: string, payload: Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.from(
      `ObjectType = Image\nNDims = 3\nDimSize = 5 4 3\nElementType = MET_SHORT\n${fields}ElementDataFile = LOCAL\n`,
    ),
    payload,
  ]);
}

const little = "endian: little\n";
const packed = deflateSync(raw);
const ascii = Buffer.from(Array.from(values).join(" "));
const made: readonly (readonly [name: string, bytes: Buffer])[] = [
  ["lps.nrrd", nrrd(`${little}encoding: raw\nspace: left-posterior-superior\n${directions}`, raw)],
  ["ras.nrrd", nrrd(`${little}encoding: gzip\nspace: RAS\n${directions}`, gzipSync(raw))],
  ["big.nrrd", nrrd(`endian: big\nencoding: raw\nspace: LPS\n${directions}`, big)],
  ["scanner.nrrd", nrrd(`${little}encoding: raw\nspace: scanner-xyz\n${directions}`, raw)],
  ["dimension.nrrd", nrrd(`${little}encoding: raw\nspace dimension: 3\n${directions}`, raw)],
  ["ascii.nrrd", nrrd(`encoding: ascii\nspace: LPS\n${directions}`, ascii)],
  ["hex.nrrd", nrrd(`${little}encoding: hex\nspace: LPS\n${directions}`, Buffer.from(raw.toString("hex")))],
  ["spacings.nrrd", nrrd(`${little}encoding: raw\nspacings: 0.5 2 3\n`, raw)],
  ["cell.nrrd", nrrd(`${little}encoding: raw\nspacings: 0.5 2 3\naxis mins: 0 1 2\ncenterings: cell cell cell\n`, raw)],
  ["node.nrrd", nrrd(`${little}encoding: raw\nspacings: 0.5 2 3\naxis mins: 0 1 2\ncenterings: node node node\n`, raw)],
  [
    "lines.nrrd",
    nrrd(`${little}encoding: raw\nline skip: 2\nbyte skip: 3\n`, Buffer.concat([Buffer.from("a\nbc\nxyz"), raw])),
  ],
  ["end.nrrd", nrrd(`${little}encoding: raw\nbyte skip: -1\n`, Buffer.concat([Buffer.from("anything"), raw]))],
  [
    "packedSkip.nrrd",
    nrrd(`${little}encoding: gzip\nbyte skip: 4\n`, gzipSync(Buffer.concat([Buffer.from("abcd"), raw]))),
  ],
  ["plain.mha", meta("ElementSpacing = 0.5 2 3\nOffset = 1 2 3\n", raw)],
  ["turned.mha", meta("ElementSpacing = 0.5 2 3\nTransformMatrix = 0 1 0 0 0 1 1 0 0\nOffset = 1 2 3\n", raw)],
  ["big.mha", meta("BinaryData = True\nBinaryDataByteOrderMSB = True\nElementSpacing = 1 1 1\n", big)],
  ["size.mha", meta("ElementSize = 0.5 2 3\n", raw)],
  ["zlib.mha", meta(`CompressedData = True\nCompressedDataSize = ${packed.length}\nElementSpacing = 1 1 1\n`, packed)],
];

test("files made in every variant are what ITK reads", async () => {
  const read = itk();
  const folder = temporaryFolder();
  for (const [name, bytes] of made) {
    writeFileSync(join(folder, name), bytes);
    expect(await compare(read, join(folder, name)), name).toBe(true);
  }
});
