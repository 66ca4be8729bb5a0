import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { affineOfSpacing, voxelToWorld } from "../geometry/index.ts";
import type { VoxelArray } from "../voxels/index.ts";
import { readImage, readLabels, writeNifti } from "./index.ts";
import { fixture, jsonFixture } from "./testing/fixtures.ts";
import { missing, sharedPath } from "./testing/shared.ts";
import { temporaryFolder } from "./testing/temporaryFolder.ts";

interface Geometry {
  readonly file: string;
  readonly shape_zyx: number[];
  readonly spacing_xyz: number[];
  readonly affine_ras: number[][];
  readonly axes: string;
  readonly sheared: boolean;
  readonly nifti: number;
  readonly world_ras: Record<string, number[]>;
  readonly first8_zyx: number[];
  readonly sum: number;
  readonly sha256_f32_zyx: string;
}

function sha256AsFloat32(data: VoxelArray): string {
  return createHash("sha256").update(Float32Array.from(data)).digest("hex");
}

/** Compares with what nibabel read, at the tolerances of the golden set's README. */
async function expectGeometry(path: string, golden: Geometry): Promise<void> {
  const { volume, affine, stored } = await readImage(path);
  expect([...volume.shape]).toEqual(golden.shape_zyx);
  expect(stored).toMatchObject({ format: `nifti-${golden.nifti}`, axes: golden.axes, isSheared: golden.sheared });
  const expected = golden.affine_ras.flat();
  const largest = Math.max(...expected.map(Math.abs));
  expected.forEach((value, index) => {
    expect(Math.abs(affine[index]! - value)).toBeLessThanOrEqual(1e-5 * largest);
  });
  golden.spacing_xyz.forEach((mm, axis) => {
    expect(Math.abs(volume.spacing[2 - axis]! - mm)).toBeLessThanOrEqual(1e-5 * Math.max(...golden.spacing_xyz));
  });
  for (const [index, world] of Object.entries(golden.world_ras)) {
    const [x, y, z] = index.split(",").map(Number) as [number, number, number];
    voxelToWorld(affine, [z, y, x]).forEach((mm, axis) => {
      expect(Math.abs(mm - world[axis]!)).toBeLessThan(1e-3);
    });
  }
  const values = Float32Array.from(volume.data);
  expect(Array.from(values.subarray(0, 8))).toEqual(golden.first8_zyx);
  const sum = values.reduce((total, value) => total + value, 0);
  expect(Math.abs(sum - golden.sum)).toBeLessThanOrEqual(1e-9 * Math.abs(golden.sum));
  expect(sha256AsFloat32(volume.data)).toBe(golden.sha256_f32_zyx);
}

describe("reading NIfTI", () => {
  const goldens = jsonFixture<Geometry[]>("geometry/geometry.json");

  test.each(goldens.map((golden) => [golden.file, golden] as const))(
    "%s: place and values are nibabel's",
    async (file, golden) => {
      await expectGeometry(fixture(`geometry/${file}`), golden);
    },
  );

  test("the real files' place and values are nibabel's", async ({ skip }) => {
    const { isMissing, reason } = missing("golden", "geometry");
    skip(isMissing, reason);
    const all = JSON.parse(readFileSync(sharedPath("golden", "geometry", "geometry.json"), "utf8")) as Geometry[];
    for (const golden of all) await expectGeometry(sharedPath("golden", "geometry", golden.file), golden);
  });

  test("the sform counts even where the qform's code is larger", async () => {
    const path = join(temporaryFolder(), "both.nii");
    const bytes = Buffer.from(readFileSync(fixture("geometry/lps_int16.nii")));
    writeFileSync(path, with16(with16(bytes, 252, 3), 254, 1));
    expect((await readImage(path)).affine).toEqual((await readImage(fixture("geometry/lps_int16.nii"))).affine);
  });

  test("a label map is read as labels, on its image's grid", async () => {
    const path = join(temporaryFolder(), "labels.nii.gz");
    const affine = affineOfSpacing([2, 1, 1]);
    await writeNifti(path, { data: Uint16Array.of(0, 300, 2, 0), shape: [1, 2, 2] }, affine);
    const { labels, affine: found, notes } = await readLabels(path);
    expect(labels).toEqual({ data: Uint16Array.of(0, 300, 2, 0), shape: [1, 2, 2] });
    expect(found).toEqual(affine);
    expect(notes).toEqual([]);
  });

  test("labels a little off are rounded with a note; half a label and a negative one are refused with their place", async () => {
    const path = join(temporaryFolder(), "labels.nii");
    const write = (...values: number[]): Promise<void> =>
      writeNifti(path, { data: Float32Array.from(values), shape: [1, 2, 2] }, affineOfSpacing([1, 1, 1]));
    await write(0, 0.9999, 2.0005, 0);
    const { labels, notes } = await readLabels(path);
    expect(labels.data).toEqual(Uint8Array.of(0, 1, 2, 0));
    expect(notes).toEqual(["2 voxels held labels that are not quite whole; rounded"]);
    await write(0, 1, 1, 0.5);
    await expect(readLabels(path)).rejects.toThrow(
      /labels\.nii: expected labels that are whole numbers from 0, got 0\.5 at \(z, y, x\) = \(0, 1, 1\)$/,
    );
    await write(0, -1, 1, 0);
    await expect(readLabels(path)).rejects.toThrow(/got -1 at \(z, y, x\) = \(0, 0, 1\)$/);
    await write(0, Number.NaN, 1, 0);
    await expect(readLabels(path)).rejects.toThrow(/got NaN at \(z, y, x\) = \(0, 0, 1\)$/);
  });

  test("NaN and infinities are kept and counted in a note", async () => {
    const path = join(temporaryFolder(), "holes.nii");
    const data = Float32Array.of(1, Number.NaN, Number.NEGATIVE_INFINITY, Number.NaN);
    await writeNifti(path, { data, shape: [1, 2, 2] }, affineOfSpacing([1, 1, 1]));
    const { volume, notes } = await readImage(path);
    expect(volume.data).toEqual(data);
    expect(notes).toEqual(["voxels that are no finite number: 2 NaN, 1 infinite"]);
  });

  test("a .hdr/.img pair is read by either name", async () => {
    const folder = temporaryFolder();
    const whole = readFileSync(fixture("geometry/lps_int16.nii"));
    const header = Buffer.from(whole.subarray(0, 352));
    header.write("ni1\0", 344, "latin1");
    header.writeFloatLE(0, 108); // The voxels start at byte 0 of the .img.
    writeFileSync(join(folder, "pair.hdr"), header);
    await expect(readImage(join(folder, "pair.hdr"))).rejects.toThrow(
      /pair\.hdr: expected an \.img file with the voxels beside it, got none$/,
    );
    writeFileSync(join(folder, "pair.img.gz"), gzipSync(whole.subarray(352)));
    const { volume } = await readImage(fixture("geometry/lps_int16.nii"));
    for (const name of ["pair.hdr", "pair.img.gz"])
      expect((await readImage(join(folder, name))).volume).toEqual(volume);
  });

  test("gzip is told by content: the wrong name does no harm, several members are all read", async () => {
    const folder = temporaryFolder();
    const plain = readFileSync(fixture("geometry/lps_int16.nii"));
    const { volume } = await readImage(fixture("geometry/lps_int16.nii"));
    copyFileSync(fixture("geometry/lps_int16.nii"), join(folder, "plain.nii.gz"));
    writeFileSync(join(folder, "packed.nii"), gzipSync(plain));
    writeFileSync(
      join(folder, "two.nii.gz"),
      Buffer.concat([gzipSync(plain.subarray(0, 500)), gzipSync(plain.subarray(500))]),
    );
    for (const name of ["plain.nii.gz", "packed.nii", "two.nii.gz"])
      expect((await readImage(join(folder, name))).volume).toEqual(volume);
  });

  test.each<[string, (bytes: Buffer) => Buffer, RegExp]>([
    ["cut voxels", (bytes) => bytes.subarray(0, 400), /expected 420 bytes of voxels from byte 352, got 48$/],
    ["a cut header", (bytes) => bytes.subarray(0, 200), /expected a NIfTI header, got something else$/],
    [
      "cut gzip",
      (bytes) => gzipSync(bytes).subarray(0, 300),
      /expected an undamaged gzip stream, got unexpected end of file$/,
    ],
    ["a flipped bit in gzip", (bytes) => flipped(gzipSync(bytes)), /expected an undamaged gzip stream, got /],
    [
      "two volumes",
      (bytes) => with16(with16(bytes, 40, 4), 48, 2),
      /expected one volume with three axes, got axes of 7 x 6 x 5 x 2 voxels; --volume N takes one of the 2, from 0$/,
    ],
    ["two axes", (bytes) => with16(bytes, 40, 2), /expected one volume with three axes, got axes of 7 x 6 voxels$/],
    ["an axis of no voxels", (bytes) => with16(bytes, 44, 0), /got axes of 7 x 0 x 5 voxels$/],
    ["colours", (bytes) => with16(bytes, 70, 128), /expected one real number a voxel, got RGB colours$/],
    ["an unknown type", (bytes) => with16(bytes, 70, 3), /expected one real number a voxel, got NIfTI datatype 3$/],
    [
      "axes that fall together",
      (bytes) => with16(Buffer.from(bytes).fill(0, 296, 312), 254, 1),
      /expected three axes with a direction and a voxel size, got the affine/,
    ],
    ["no byte at all", () => Buffer.alloc(0), /got an empty file$/],
    [
      "voxels inside the header",
      (bytes) => withFloats(bytes, 108, 300),
      /expected voxels from byte 348 on \(vox_offset\), got 300$/,
    ],
    ["voxels from half a byte on", (bytes) => withFloats(bytes, 108, 352.5), /got 352\.5$/],
    ["voxels before the file", (bytes) => withFloats(bytes, 108, -352), /got -352$/],
    [
      "gzip that goes on and on",
      (bytes) => gzipSync(Buffer.concat([bytes, Buffer.alloc(2 << 20)])),
      /expected at most 772 bytes in the gzip stream, as the header says, got more$/,
    ],
  ])("%s is refused in one line", async (_, change, message) => {
    const path = join(temporaryFolder(), "odd.nii");
    writeFileSync(path, change(Buffer.from(readFileSync(fixture("geometry/lps_int16.nii")))));
    await expect(readImage(path)).rejects.toThrow(message);
    await expect(readImage(path)).rejects.toMatchObject({ name: "FileError", path });
  });
});

describe("what other tools read too", () => {
  const whole = readFileSync(fixture("geometry/lps_int16.nii"));
  const file = (bytes: Uint8Array, name = "image.nii"): string => {
    const path = join(temporaryFolder(), name);
    writeFileSync(path, bytes);
    return path;
  };

  test("a length of 0 from the third axis on means 1", async () => {
    const { volume } = await readImage(fixture("geometry/lps_int16.nii"));
    const fourth = with16(with16(Buffer.from(whole), 40, 4), 48, 0);
    const read = await readImage(file(fourth));
    expect(read.volume).toEqual(volume);
    expect(read.notes).toContain("axes of 7 x 6 x 5 x 0 voxels are stored; 0 is taken as 1");
    const flat = await readImage(file(with16(Buffer.from(whole), 46, 0)));
    expect(flat.volume.shape).toEqual([1, 6, 7]);
  });

  test("an sform without directions, or with no numbers, gives way to the qform", async () => {
    const path = fixture("geometry/lps_int16.nii");
    const { affine } = await readImage(path);
    const placed = join(temporaryFolder(), "placed.nii");
    await writeNifti(placed, { data: new Uint8Array(8), shape: [2, 2, 2] }, affine);
    const good = readFileSync(placed);
    expect([good.readInt16LE(252), good.readInt16LE(254)]).toEqual([2, 2]);
    for (const value of [0, Number.NaN, Number.POSITIVE_INFINITY]) {
      const bad = Buffer.from(good);
      for (const row of [280, 296, 312]) withFloats(bad, row, value, value, value);
      const read = await readImage(file(bad));
      affine.forEach((mm, index) => {
        expect(read.affine[index]).toBeCloseTo(mm, 4);
      });
      expect(read.notes).toContain("the stored sform has no sense (no directions, or no numbers); the qform is used");
    }
  });

  test("labels scaled to fill int16 are rounded within half a step: 2035 / 65535 is 0.031", async () => {
    const step = 2035 / 65535;
    const stored = [0, 1, 2034, 2035].map((label) => Math.round(label / step) - 32768);
    const plain = join(temporaryFolder(), "plain.nii");
    await writeNifti(plain, { data: Int16Array.from(stored), shape: [1, 2, 2] }, affineOfSpacing([1, 1, 1]));
    const scaled = withFloats(readFileSync(plain), 112, step, 32768 * step);
    const { labels, notes } = await readLabels(file(scaled));
    expect(labels.data).toEqual(Uint16Array.of(0, 1, 2034, 2035));
    expect(notes.join()).toMatch(/voxels held labels that are not quite whole; rounded/);
    // Half of a step of 0.5 is 0.25: a label of 0.5 stays no label.
    const halves = withFloats(readFileSync(plain), 112, 0.5, 16384.5);
    await expect(readLabels(file(halves))).rejects.toThrow(
      /expected labels that are whole numbers from 0, got \d+\.5 at/,
    );
    // From a step of 1 on two labels can be one stored number.
    await expect(readLabels(file(withFloats(readFileSync(plain), 112, 1.5, 49152.25)))).rejects.toThrow(
      /whole numbers/,
    );
  });
});

function withFloats(bytes: Buffer, at: number, ...values: number[]): Buffer {
  values.forEach((value, index) => {
    bytes.writeFloatLE(value, at + 4 * index);
  });
  return bytes;
}

function with16(bytes: Buffer, at: number, value: number): Buffer {
  bytes.writeInt16LE(value, at);
  return bytes;
}

function flipped(bytes: Buffer): Buffer {
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = bytes[middle]! ^ 0x10;
  return bytes;
}

describe("writing NIfTI", () => {
  test("every type comes back with its voxels and its place", async () => {
    const folder = temporaryFolder();
    const number = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 });
    const types = [Uint8Array, Int8Array, Uint16Array, Int16Array, Uint32Array, Int32Array, Float32Array, Float64Array];
    const property = fc.asyncProperty(
      fc.constantFrom(...types),
      fc.boolean(),
      fc.array(number, { minLength: 3, maxLength: 3 }),
      async (Type, isPacked, offset) => {
        const path = join(folder, isPacked ? "image.nii.gz" : "image.nii");
        const data = new Type(Array.from({ length: 24 }, (_, index) => (index * 37) % 101));
        const affine = [0, 0.5, 0.25, offset[0]!, -1.5, 0, 0, offset[1]!, 0, 0.125, 3, offset[2]!, 0, 0, 0, 1];
        await writeNifti(path, { data, shape: [2, 3, 4] }, affine);
        const image = await readImage(path);
        expect(image.volume.data).toEqual(data);
        expect(image.volume.shape).toEqual([2, 3, 4]);
        expect(image.affine.map((value) => value + 0)).toEqual(affine.map((value) => value + 0));
      },
    );
    await fc.assert(property, { numRuns: 30 });
  });

  test("a mask repeats the fields of its image's header that say where it lies", async () => {
    const folder = temporaryFolder();
    const base = readFileSync(fixture("geometry/lps_int16.nii"));
    const variants: ((bytes: Buffer) => Buffer)[] = [
      (bytes) => bytes,
      (bytes) => with16(with16(bytes, 252, 1), 254, 4),
      (bytes) => with16(with16(bytes, 252, 3), 254, 0),
      (bytes) => with16(with16(bytes, 252, 0), 254, 0),
      (bytes) => withFloats(with16(with16(bytes, 252, 1), 254, 2), 292, 55), // The sform moved away from the qform.
      (bytes) => withFloats(bytes, 284, 0.02), // Sheared a little.
      (bytes) => withFloats(bytes, 76, -1, 9, 8, 7), // Voxel sizes unlike the sform's.
      (bytes) => {
        bytes[123] = 3 + 8; // Micrometres, and seconds.
        return bytes;
      },
    ];
    for (const change of variants) {
      const bytes = change(Buffer.from(base));
      writeFileSync(join(folder, "image.nii"), bytes);
      const image = await readImage(join(folder, "image.nii"));
      const mask = { data: new Uint8Array(image.volume.data.length), shape: image.volume.shape };
      await writeNifti(join(folder, "mask.nii"), mask, image.affine, { placement: image.nifti });
      const written = readFileSync(join(folder, "mask.nii"));
      for (const [from, to] of [
        [76, 108],
        [123, 124],
        [252, 328],
      ] as const) {
        expect(
          written.subarray(from, to).equals(bytes.subarray(from, to)),
          `${variants.indexOf(change)}: ${from}`,
        ).toBe(true);
      }
      expect((await readImage(join(folder, "mask.nii"))).affine).toEqual(image.affine);
    }
  });

  test("without a header to repeat, qform and sform say the same where axes are at right angles", async () => {
    const path = join(temporaryFolder(), "turned.nii");
    const angle = fc.double({ min: -3, max: 3, noNaN: true });
    const sign = fc.constantFrom(-1, 1);
    const property = fc.asyncProperty(angle, angle, angle, sign, async (a, b, c, side) => {
      const [ca, sa, cb, sb, cc, sc] = [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b), Math.cos(c), Math.sin(c)];
      const rotation = [
        ca * cb,
        ca * sb * sc - sa * cc,
        ca * sb * cc + sa * sc,
        sa * cb,
        sa * sb * sc + ca * cc,
        sa * sb * cc - ca * sc,
        -sb,
        cb * sc,
        cb * cc,
      ];
      const column = (row: number): number[] => [0.5, 2, 3 * side].map((mm, axis) => mm * rotation[3 * row + axis]!);
      const affine = [...column(0), 10, ...column(1), -20, ...column(2), 30, 0, 0, 0, 1];
      await writeNifti(path, { data: new Uint8Array(8), shape: [2, 2, 2] }, affine);
      const bytes = readFileSync(path);
      expect(bytes.readInt16LE(252)).toBe(2);
      writeFileSync(path, with16(bytes, 254, 0)); // Without its sform.
      const read = await readImage(path);
      affine.forEach((value, index) => {
        // The header leaves out the quaternion's first number; near half a turn it comes back as √(1 - 1 ± 6e-8), off
        // by 2.4e-4.
        expect(Math.abs(read.affine[index]! - value)).toBeLessThan(3 * 2 * 2.5e-4);
      });
    });
    await fc.assert(property, { numRuns: 200 });
    await writeNifti(
      path,
      { data: new Uint8Array(8), shape: [2, 2, 2] },
      [1, 0.5, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
    );
    expect(readFileSync(path).readInt16LE(252)).toBe(0); // Sheared: a qform could not say it.
  });

  test("equal content gives equal bytes, gzip without time in it", async () => {
    const folder = temporaryFolder();
    const grid = { data: new Uint8Array(8), shape: [2, 2, 2] as const };
    await writeNifti(join(folder, "a.nii.gz"), grid, affineOfSpacing([1, 1, 1]));
    await writeNifti(join(folder, "b.nii.gz"), grid, affineOfSpacing([1, 1, 1]), { description: "ENSAM" });
    const bytes = readFileSync(join(folder, "a.nii.gz"));
    expect(bytes.equals(readFileSync(join(folder, "b.nii.gz")))).toBe(true);
    expect(bytes.readUInt32LE(4)).toBe(0);
    expect(gunzipSync(bytes).length).toBe(352 + 8);
  });

  test("the header says where voxels start, what they are and in which unit", async () => {
    const path = join(temporaryFolder(), "mask.nii");
    await writeNifti(path, { data: new Uint16Array(8), shape: [2, 2, 2] }, affineOfSpacing([1, 1, 1]), {
      description: "five lésions",
    });
    const bytes = readFileSync(path);
    expect([bytes.readFloatLE(108), bytes.readInt16LE(70), bytes.readInt16LE(72), bytes[123]]).toEqual([
      352, 512, 16, 2,
    ]);
    expect(bytes.toString("latin1", 148, 161)).toBe("five l?sions\0");
  });

  test("an axis beyond 32767 voxels is refused", async () => {
    const grid = { data: new Uint8Array(40_000), shape: [1, 1, 40_000] as const };
    await expect(writeNifti(join(temporaryFolder(), "long.nii"), grid, affineOfSpacing([1, 1, 1]))).rejects.toThrow(
      /long\.nii: expected axes of at most 32767 voxels \(NIfTI-1\), got 1 x 1 x 40000$/,
    );
  });
});
