import fc from "fast-check";
import { expect, test } from "vitest";
import { cellSize } from "../geometry/index.ts";
import { boundingBox, randomStream, voxelCount, type Zyx } from "../voxels/index.ts";
import { type CaseArrays, poolSample, type Sample, sample, validationSample } from "./sample.ts";

/** A case with noise for an image and one block of voxels for each label, clear of the others. */
function blocksCase(shape: Zyx, blocks: { label: number; min: Zyx; max: Zyx }[], seed = 1): CaseArrays {
  const random = randomStream(seed, "case");
  const imgs = Uint8Array.from({ length: voxelCount(shape) }, () => random.int(0, 256));
  const gts = new Uint16Array(voxelCount(shape));
  for (const { label, min, max } of blocks) {
    for (let z = min[0]; z < max[0]; z++) {
      for (let y = min[1]; y < max[1]; y++) {
        for (let x = min[2]; x < max[2]; x++) gts[(z * shape[1] + y) * shape[2] + x] = label;
      }
    }
  }
  return { imgs: { data: imgs, shape }, gts: { data: gts, shape } };
}

const twoObjects = blocksCase(
  [20, 40, 30],
  [
    { label: 3, min: [2, 4, 5], max: [6, 9, 12] },
    { label: 300, min: [10, 30, 20], max: [12, 31, 21] },
  ],
);
const plain = { maxVoxels: 4_194_304, noBox: 0 };
const draw = (index: number, options = plain) => sample(twoObjects, options, randomStream(5, "sample", 0, index));

test("the same stream gives the same sample, another stream another one", () => {
  expect(draw(1)).toEqual(draw(1));
  expect(draw(2)).not.toEqual(draw(1));
});

test("every object of a case is drawn, labels over 255 too", () => {
  const labels = new Set(Array.from({ length: 40 }, (_, i) => draw(i).label));
  expect(labels).toEqual(new Set([3, 300]));
});

test("the target is the instance: pooling by 1, the same number of voxels", () => {
  for (let i = 0; i < 10; i++) {
    const drawn = draw(i);
    expect(sum(drawn.target)).toBe(drawn.label === 3 ? 4 * 5 * 7 : 2);
    expect(drawn.frame.pooling).toEqual([1, 1, 1]);
  }
});

test("margins are 1 to 64 voxels, cut at the image: a lone voxel in a wide image keeps one on each side", () => {
  const wide = blocksCase([3, 200, 200], [{ label: 1, min: [1, 100, 100], max: [2, 101, 101] }]);
  const found: number[] = [];
  for (let i = 0; i < 200; i++) {
    const { crop } = sample(wide, plain, randomStream(5, "sample", 0, i)).frame;
    expect([crop.min[0], crop.max[0]]).toEqual([0, 3]);
    found.push(100 - crop.min[1], crop.max[1] - 101, 100 - crop.min[2], crop.max[2] - 101);
  }
  expect(Math.min(...found)).toBe(1);
  expect(Math.max(...found)).toBe(64);
});

test("half of the samples change their intensities, by each of the three ways; each axis is flipped in half of them", () => {
  const samples = Array.from({ length: 200 }, (_, i) => draw(i));
  const share = (of: (drawn: Sample) => boolean) => samples.filter(of).length / samples.length;
  expect(Math.abs(share((s) => s.augmentation === undefined) - 0.5)).toBeLessThan(0.15);
  for (const kind of ["biasField", "gaussianSmooth", "histogramShift"] as const) {
    expect(share((s) => s.augmentation?.kind === kind)).toBeGreaterThan(0.08);
  }
  for (const axis of [0, 1, 2]) expect(Math.abs(share((s) => s.frame.flips[axis]!) - 0.5)).toBeLessThan(0.15);
});

test("the box of a sample is the drawn one, cut to the crop, pooled outwards and flipped", () => {
  // 520 columns move a side by up to trunc(5 * 520 / 256) = 10 voxels, farther than the smallest margins.
  const wide = blocksCase([4, 40, 520], [{ label: 1, min: [1, 5, 100], max: [3, 9, 131] }]);
  let cut = 0;
  for (let i = 0; i < 100; i++) {
    const drawn = sample(wide, { maxVoxels: 2000, noBox: 0 }, randomStream(2, "sample", 0, i));
    const { imageBox } = drawn;
    const { crop, pooling, flips, content } = drawn.frame;
    expect(pooling).not.toEqual([1, 1, 1]);
    // Object y 5..8 and x 100..130, 40 rows: no shift moves y; x moves by trunc(s * 520 / 256).
    expect([imageBox!.min[1], imageBox!.max[1]]).toEqual([5, 9]);
    expect([0, 2, 4, 6, 8, 10]).toContain(100 - imageBox!.min[2]);
    if (imageBox!.min[2] < crop.min[2] || imageBox!.max[2] > crop.max[2]) cut++;
    // The cells that hold a voxel of the box, counted one by one along each axis.
    for (const axis of [0, 1, 2] as const) {
      const cells: number[] = [];
      for (let voxel = imageBox!.min[axis]; voxel < imageBox!.max[axis]; voxel++) {
        if (voxel < crop.min[axis] || voxel >= crop.max[axis]) continue;
        const cell = Math.floor((voxel - crop.min[axis]) / pooling[axis]);
        cells.push(flips[axis] ? content[axis] - 1 - cell : cell);
      }
      expect([drawn.box!.min[axis], drawn.box!.max[axis] - 1]).toEqual([Math.min(...cells), Math.max(...cells)]);
    }
  }
  expect(cut).toBeGreaterThan(0);
});

test("intensities change after padding, so a blur reaches into it", () => {
  const arrays = blocksCase([9, 9, 9], [{ label: 1, min: [3, 3, 3], max: [5, 5, 5] }]);
  const blurred = Array.from({ length: 40 }, (_, i) => sample(arrays, plain, randomStream(5, "sample", 0, i))).find(
    ({ augmentation }) => augmentation?.kind === "gaussianSmooth",
  )!;
  expect([blurred.frame.content, blurred.frame.shape]).toEqual([
    [9, 9, 9],
    [16, 16, 16],
  ]);
  // The first padded voxel of the first row.
  expect(blurred.volume[9]).toBeGreaterThan(0);
});

test("a share of the episodes has no box", () => {
  const without = Array.from({ length: 200 }, (_, i) => draw(i, { ...plain, noBox: 0.25 })).filter((s) => !s.box);
  expect(without.length).toBeGreaterThan(30);
  expect(without.length).toBeLessThan(70);
  expect(draw(0, { ...plain, noBox: 1 }).box).toBeUndefined();
});

test("a sample keeps its promises whatever the case", () => {
  const size = fc.integer({ min: 1, max: 40 });
  const anyCase = fc.record({ shape: fc.tuple(size, size, size), seed: fc.integer({ min: 1, max: 1000 }) });
  fc.assert(
    fc.property(anyCase, fc.integer({ min: 8, max: 20_000 }), ({ shape, seed }, maxVoxels) => {
      const random = randomStream(seed, "box");
      const min = shape.map((n) => random.int(0, n)) as unknown as Zyx;
      const max = shape.map((n, axis) => random.int(min[axis]! + 1, n + 1)) as unknown as Zyx;
      const arrays = blocksCase(shape, [{ label: 9, min, max }], seed);
      keepsPromises(sample(arrays, { maxVoxels, noBox: 0 }, randomStream(seed, "sample", 0, 0)), maxVoxels);
    }),
    { numRuns: 60 },
  );
});

function keepsPromises(drawn: Sample, maxVoxels: number): void {
  const { volume, target } = drawn;
  const { shape, content } = drawn.frame;
  expect(voxelCount(content)).toBeLessThanOrEqual(maxVoxels);
  for (const axis of [0, 1, 2]) {
    expect(shape[axis]! % 8).toBe(0);
    expect(shape[axis]! - content[axis]!).toBeGreaterThanOrEqual(0);
    expect(shape[axis]! - content[axis]!).toBeLessThan(8);
  }
  expect(volume).toHaveLength(voxelCount(shape));
  expect(target).toHaveLength(voxelCount(shape));
  expect(volume.every((value) => value >= 0 && value <= 1)).toBe(true);

  // The object is there, inside the content, and the box holds it along z and stays inside the content.
  const extent = boundingBox({ data: target, shape });
  expect(extent).toBeDefined();
  const box = drawn.box!;
  for (const axis of [0, 1, 2]) {
    expect(extent!.max[axis]!).toBeLessThanOrEqual(content[axis]!);
    expect(box.min[axis]!).toBeGreaterThanOrEqual(0);
    expect(box.max[axis]!).toBeLessThanOrEqual(content[axis]!);
    expect(box.max[axis]! - box.min[axis]!).toBeGreaterThan(0);
  }
  expect([box.min[0], box.max[0]]).toEqual([extent!.min[0], extent!.max[0]]);
}

test("a case with background only is refused in words", () => {
  const empty = blocksCase([4, 4, 4], []);
  expect(() => sample(empty, plain, randomStream(1, "sample", 0, 0))).toThrow(
    "gts: expected at least one object, got only background",
  );
});

test("a validation sample has nothing random: margin 32, intensities / 255, the box without shift", () => {
  const valid = validationSample(twoObjects, 3, 1e6);
  // z 2..6, y 4..9, x 5..12, each 32 wider and cut to 20 x 40 x 30
  expect(valid.frame.crop).toEqual({ min: [0, 0, 0], max: [20, 40, 30] });
  expect(valid.frame.shape).toEqual([24, 40, 32]);
  expect(valid.box).toEqual({ min: [2, 4, 5], max: [6, 9, 12] });
  expect(valid.volume[0]).toBeCloseTo(twoObjects.imgs.data[0]! / 255, 6);
});

test("pooling a sample once more halves its two larger axes and takes the box along", () => {
  const whole = validationSample(twoObjects, 3, 1e6);
  const pooled = poolSample(whole);
  // content 20 x 40 x 30: y and x are halved
  expect(pooled.frame.content).toEqual([20, 20, 15]);
  expect(pooled.frame.shape).toEqual([24, 24, 16]);
  expect(pooled.box).toEqual({ min: [2, 2, 2], max: [6, 5, 6] });
  expect(pooled.frame.pooling).toEqual([1, 2, 2]);
  // 4 slices, y 4..8 -> 2..4, x 5..11 -> 2..5
  expect(sum(pooled.target)).toBe(4 * 3 * 4);
});

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

test("for positions in mm a frame says how large voxels are, pooling once more doubles its cells, and nothing else changes", () => {
  const known = { ...twoObjects, spacing: [5, 1, 0.5] as Zyx };
  const inMillimetres = { ...plain, inMillimetres: true };
  const stream = () => randomStream(5, "sample", 0, 1);
  const drawn = sample(known, inMillimetres, stream());
  expect(cellSize(drawn.frame)).toEqual([5, 1, 0.5]);
  expect(cellSize(poolSample(validationSample(known, 3, 1e6, inMillimetres)).frame)).toEqual([5, 2, 1]);
  const { spacing: _, ...frame } = drawn.frame;
  expect({ ...drawn, frame }).toEqual(sample(known, plain, stream()));
  expect("spacing" in sample(twoObjects, inMillimetres, stream()).frame).toBe(false);
});

test("for a model of five stages a sample is padded to multiples of sixteen, and so when it is pooled once more", () => {
  const needs = { multiple: 16 };
  const valid = validationSample(twoObjects, 3, 1e6, needs);
  expect([valid.frame.shape, valid.volume.length]).toEqual([[32, 48, 32], 32 * 48 * 32]);
  const pooled = poolSample(valid);
  expect([pooled.frame.shape, pooled.target.length]).toEqual([[32, 32, 16], 32 * 32 * 16]);
  expect(sample(twoObjects, { ...plain, ...needs }, randomStream(5, "sample", 0, 1)).frame.shape.map((n) => n % 16)).toEqual([
    0, 0, 0,
  ]);
});
