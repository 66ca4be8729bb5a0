import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readImage } from "../readImage.ts";
import { missing, sharedPath } from "../testing/shared.ts";

// What pydicom 2.3.1 gives for public files, and what the collection that they come from states (see its README).
const { isMissing, reason } = missing("samples", "robust", "files.ndjson");

interface Expected {
  readonly file: string;
  readonly sha256_f32?: string;
  readonly sha256_f32_zyx?: string;
  readonly shape_rows_cols?: readonly [number, number];
}

function rows<Row>(...path: string[]): Row[] {
  if (isMissing) return [];
  const text = readFileSync(sharedPath("samples", ...path), "utf8").trim();
  return text.split("\n").map((line) => JSON.parse(line) as Row);
}

function hashOf(data: ArrayLike<number>): string {
  return createHash("sha256").update(Float32Array.from(data)).digest("hex");
}

const files = rows<Expected>("robust", "files.ndjson").filter(({ file }) => file.startsWith("dicom/"));
// Objects that are no image of one number a voxel, files without pixels or position to speak of, and a syntax without
// decoder.
const refused: Readonly<Record<string, RegExp>> = {
  "JPEG-lossy": /JPEG Extended \(12 bit\)/,
  "JPEG2000-embedded-sequence-delimiter": /expected .*, got/,
  ExplVR_BigEnd: /3 a voxel \(RGB\)/,
  ExplVR_BigEndNoMeta: /expected .*, got/,
  SC_rgb_rle: /3 a voxel/,
  SC_rgb_rle_16bit: /3 a voxel/,
  SC_rgb_rle_32bit: /3 a voxel/,
  SC_rgb_small_odd: /3 a voxel/,
  SC_rgb_small_odd_jpeg: /3 a voxel/,
  liver_1frame: /DICOM-SEG/,
  nested_priv_SQ: /expected .*, got/,
  no_meta: /expected .*, got/,
  no_meta_group_length: /expected .*, got/,
  rtdose: /RT dose/,
  rtdose_expb: /RT dose/,
  rtdose_rle: /RT dose/,
};

describe.skipIf(isMissing)(`public files${isMissing ? ` (${reason})` : ""}`, () => {
  test.each(files.filter(({ file }) => file.endsWith(".dcm")))("$file", async ({ file, sha256_f32 }) => {
    const name = file.replace(/^dicom\/|\.dcm$/g, "");
    const reading = readImage(sharedPath("samples", "robust", file));
    if (name in refused) {
      await expect(reading).rejects.toThrow(refused[name]);
      return;
    }
    const { volume } = await reading;
    if (sha256_f32 !== undefined) expect(hashOf(volume.data)).toBe(sha256_f32);
  });

  test.each(files.filter(({ sha256_f32_zyx }) => sha256_f32_zyx))("$file", async ({ file, sha256_f32_zyx }) => {
    const { volume, stored } = await readImage(sharedPath("samples", "robust", file));
    expect(hashOf(volume.data)).toBe(sha256_f32_zyx);
    expect(stored.axes).toBe("LPS");
    expect(volume.spacing.map((mm) => Number(mm.toFixed(4)))).toEqual([2.5, 0.7, 0.7]);
  });

  test("JPEG-LS gives the pixels of the same image without compression", async () => {
    const folder = sharedPath("samples", "robust", "dicom");
    const [packed, plain] = [
      await readImage(`${folder}/MR_small_jpeg_ls_lossless.dcm`),
      await readImage(`${folder}/MR_small.dcm`),
    ];
    expect(hashOf(packed.volume.data)).toBe(hashOf(plain.volume.data));
  });

  test("an enhanced multi-frame file has its frames' places and values", async () => {
    const { volume } = await readImage(sharedPath("samples", "robust", "dicom", "enhanced_multiframe.dcm"));
    expect(volume.shape).toEqual([6, 64, 64]);
    expect(volume.spacing.map((mm) => Number(mm.toFixed(3)))).toEqual([2.4, 3.375, 3.375]);
  });
});

interface ExpectedCase {
  readonly case: string;
  readonly shape_zyx: readonly number[];
  readonly affine_ras: readonly (readonly number[])[];
  readonly sha256_f32: string;
}

const series = rows<{ case: string; image: string }>("cases.ndjson").filter(({ image }) => /dicom$/.test(image));
const expectations = rows<ExpectedCase>("expected.ndjson");

describe.skipIf(isMissing)(`public series${isMissing ? ` (${reason})` : ""}`, () => {
  test.each(series)("$case", async ({ case: name, image }) => {
    const expected = expectations.find((row) => row.case === name)!;
    const { volume, affine } = await readImage(sharedPath("samples", image));
    expect(volume.shape).toEqual(expected.shape_zyx);
    expect(hashOf(volume.data)).toBe(expected.sha256_f32);
    for (const [index, value] of expected.affine_ras.flat().entries()) expect(affine[index]).toBeCloseTo(value, 4);
  });
});
