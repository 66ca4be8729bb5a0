import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { VoxelArray } from "../voxels/index.ts";
import { alignLabels, FileError, type ImageFile, readImage, readLabels } from "./index.ts";
import { missing, sharedPath } from "./testing/shared.ts";

const { isMissing, reason } = missing("samples");

interface ExpectedImage {
  readonly shape_zyx?: number[];
  readonly shape_stored?: number[];
  readonly spacing_xyz?: number[] | null;
  readonly axes?: string | null;
  readonly affine_ras?: number[][] | null;
  readonly sha256_f32?: string;
  readonly sha256_f32_zyx?: string;
}

interface Case extends ExpectedImage {
  readonly case: string;
  readonly image: string;
  readonly label: string;
  readonly image_key?: string;
  readonly label_key?: string;
  readonly label_voxels: Record<string, number>;
  readonly label_sha256_i32: string;
}

interface RobustFile extends ExpectedImage {
  readonly file: string;
  readonly expect: string;
  readonly same_values_as?: string;
}

function rows<Row>(file: string): Row[] {
  if (isMissing) return [];
  const lines = readFileSync(sharedPath("samples", file), "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Row);
}

function sha256(data: ArrayBufferView): string {
  return createHash("sha256")
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest("hex");
}

function sha256AsFloat32(data: VoxelArray): string {
  return sha256(Float32Array.from(data));
}

/** Compares at the tolerances of the samples' README: shape exact, spacing 1e-5, affine 1e-4, values bit-equal as float32. */
function expectImage({ volume, affine, stored }: ImageFile, expected: ExpectedImage, spacingScale = 1): void {
  const shape = expected.shape_zyx ?? expected.shape_stored?.slice(0, 3).reverse();
  expect([...volume.shape]).toEqual(shape);
  const spacing = expected.spacing_xyz?.map((mm) => mm * spacingScale) ?? [1, 1, 1];
  spacing.forEach((mm, axis) => {
    expect(Math.abs(volume.spacing[2 - axis]! - mm)).toBeLessThan(1e-5);
  });
  expected.affine_ras?.flat().forEach((value, index) => {
    const scale = index < 12 ? spacingScale : 1;
    expect(Math.abs(affine[index]! - value * scale)).toBeLessThan(1e-4);
  });
  if (expected.axes) expect(stored.axes).toBe(expected.axes);
  const hash = expected.sha256_f32 ?? expected.sha256_f32_zyx;
  if (hash) expect(sha256AsFloat32(volume.data)).toBe(hash);
}

describe("real volumes", () => {
  test("all pairs of image and labels have the expected shape, place and values", async ({ skip }) => {
    skip(isMissing, reason);
    const expected = new Map(rows<Case>("expected.ndjson").map((row) => [row.case, row]));
    let read = 0;
    for (const found of rows<Case>("cases.ndjson")) {
      const row = { ...found, ...expected.get(found.case)! };
      const [image, label] = [sharedPath("samples", row.image), sharedPath("samples", row.label)];
      const labels = await readLabels(label, { key: row.label_key });
      expect(sha256(Int32Array.from(labels.labels.data)), row.case).toBe(row.label_sha256_i32);
      if (/dicom/.test(row.image)) continue; // dicom/samples.test.ts has them.
      const volume = await readImage(image, { key: row.image_key });
      expectImage(volume, row);
      const shape = volume.volume.shape;
      const aligned = alignLabels(
        label,
        { shape, affine: volume.affine, hasDirections: volume.stored.hasDirections },
        { ...labels, hasDirections: labels.stored.hasDirections },
      );
      expect(aligned, row.case).toEqual({ labels: labels.labels, warnings: [] });
      read++;
    }
    expect(read).toBe(60);
  });
});

describe("odd and broken files", () => {
  const files = rows<RobustFile>("robust/files.ndjson").filter(({ file }) => !file.startsWith("dicom/"));

  test("those to be read are read, those to be refused are refused in one line", async ({ skip }) => {
    skip(isMissing, reason);
    let [read, refused] = [0, 0];
    for (const row of files) {
      const path = sharedPath("samples", "robust", row.file);
      const outcome = await readImage(path).catch((error: unknown) => error);
      if (outcome instanceof Error) {
        expect(outcome, `${row.file}: ${outcome.stack}`).toBeInstanceOf(FileError);
        expect(outcome.message).toMatch(/^[^\n]+: expected [^\n]+, got [^\n]+$/);
        expect(row.expect, outcome.message).toMatch(/refuse/);
        expect(outcome.message).not.toMatch(/undefined|NaN|\[object/);
        refused++;
        continue;
      }
      expect(row.expect, `${row.file} was read`).toMatch(/read|1 mm with a warning|refuse as a label map/);
      if (row.expect === "refuse as a label map") {
        await expect(readLabels(path)).rejects.toThrow(
          /expected labels that are whole numbers from 0, got 0\.5 at \(z, y, x\) = \(/,
        );
      }
      const image = outcome as ImageFile;
      if (row.same_values_as) {
        const twin = await readImage(sharedPath("samples", "robust", row.same_values_as));
        expect(sha256AsFloat32(image.volume.data), row.file).toBe(sha256AsFloat32(twin.volume.data));
      } else {
        expectImage(image, row, /micron/.test(row.file) ? 1e-3 : 1);
      }
      read++;
    }
    expect({ read, refused }).toEqual({ read: 54, refused: 20 });
  });
});
