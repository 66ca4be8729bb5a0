import fc from "fast-check";
import { expect, test } from "vitest";
import { type Box, type Frame, frameOf, voxelCount, wholeBox } from "../geometry/index.ts";
import { logitRows, maxPool } from "../voxels/index.ts";
import { mergeObjects, type ObjectLogits } from "./merge.ts";

/** All on one frame. */
const merged = (frame: Frame, objects: readonly Omit<ObjectLogits, "frame">[]) =>
  mergeObjects(
    frame,
    objects.map((object) => ({ ...object, frame })),
  );
const line = frameOf([1, 1, 4], wholeBox([1, 1, 4]), 1000); // padded to 8 x 8 x 8
const everywhere = wholeBox([1, 1, 4]);

/** Logits on the padded grid of `line`: four values, the padding gets a large one that must not matter. */
function onLine(values: readonly number[]): Float32Array {
  const logits = new Float32Array(voxelCount(line.shape)).fill(99);
  logits.set(values);
  return logits;
}

test("each voxel gets the object with the largest logit above zero, else background", () => {
  const { labels, lost } = merged(line, [
    { label: 3, logits: onLine([-1, 2, 1, 0]), fallback: everywhere },
    { label: 7, logits: onLine([-2, 1, 4, 0]), fallback: everywhere },
  ]);
  expect([...labels.data]).toEqual([0, 3, 7, 0]);
  expect(lost).toEqual([]);
});

test("a probability of exactly one half is background, and two equal logits give the first object", () => {
  const { labels } = merged(line, [
    { label: 1, logits: onLine([0, 5, 1, -1]), fallback: everywhere },
    { label: 2, logits: onLine([0, 5, -1, 1]), fallback: everywhere },
  ]);
  expect([...labels.data]).toEqual([0, 1, 1, 2]);
});

test("logits that both saturate the sigmoid are still told apart", () => {
  const { labels } = merged(line, [
    { label: 1, logits: onLine([40, 1, 1, 1]), fallback: everywhere },
    { label: 2, logits: onLine([60, 0, 0, 0]), fallback: everywhere },
  ]);
  expect(labels.data[0]).toBe(2);
});

test("a lost object's logits rise by 1, 2, 4 inside its box until it has a voxel", () => {
  // -5 + 1 + 2 + 4 = 2: after the third round voxel 1 is above zero, -8 + 7 is not.
  const box: Box = { min: [0, 0, 1], max: [1, 1, 3] };
  const { labels, lost } = merged(line, [{ label: 1, logits: onLine([-5, -5, -8, -5]), fallback: box }]);
  expect([...labels.data]).toEqual([0, 1, 0, 0]);
  expect(lost).toEqual([]);
});

test("a lost object must outbid the object that holds its box", () => {
  // voxel 1: -1 + 1 = 0, no; + 2 = 2, not above 2.5; + 4 = 6 > 2.5
  const box: Box = { min: [0, 0, 1], max: [1, 1, 2] };
  const { labels } = merged(line, [
    { label: 1, logits: onLine([2.5, 2.5, 2.5, 2.5]), fallback: everywhere },
    { label: 2, logits: onLine([-1, -1, -1, -1]), fallback: box },
  ]);
  expect([...labels.data]).toEqual([1, 2, 1, 1]);
});

test("an object that ten rounds cannot save is named as lost", () => {
  // 1 + 2 + ... + 512 = 1023
  const { labels, lost } = merged(line, [
    { label: 4, logits: onLine([-1023, -2000, -3000, -4000]), fallback: everywhere },
    { label: 5, logits: onLine([1, -1, -1, -1]) },
    { label: 6, logits: onLine([-1, -1, -1, -1]) },
  ]);
  expect([...labels.data]).toEqual([5, 0, 0, 0]);
  expect(lost).toEqual([4, 6]);
});

test("two lost objects in one box are searched in the same rounds", () => {
  // Both rise alike: after 1 + 2 + 4 = 7 the first has 1 on voxel 1 and 0.5 on voxel 2, the second 0.5 and 2.
  const box: Box = { min: [0, 0, 1], max: [1, 1, 3] };
  const { labels, rescued } = merged(line, [
    { label: 1, logits: onLine([-9, -6, -6.5, -9]), fallback: box },
    { label: 2, logits: onLine([-9, -6.5, -5, -9]), fallback: box },
  ]);
  expect([...labels.data]).toEqual([0, 1, 2, 0]);
  expect(rescued).toEqual([1, 2]);
});

test("an object that is pushed out of its only voxel by a lost one is searched too", () => {
  // Round 0: the second needs more than 1 + 3 on voxel 1. Rounds 0 to 2 lift it by 7 to 4: it takes voxel 1 from the
  // first, which then rises by 8 in its own box and takes voxel 2 (-7 + 8 = 1); the second keeps voxel 1.
  const { labels, lost } = merged(line, [
    { label: 1, logits: onLine([-9, 3, -7, -9]), fallback: { min: [0, 0, 2], max: [1, 1, 3] } },
    { label: 2, logits: onLine([-9, -3, -9, -9]), fallback: { min: [0, 0, 1], max: [1, 1, 2] } },
  ]);
  expect([...labels.data]).toEqual([0, 2, 1, 0]);
  expect(lost).toEqual([]);
});

test("a lost object that comes level with a later one takes its voxel, and the later one is searched in turn", () => {
  // Round 1: 0 + 1 = 1 is level with the later object, so the first takes voxel 0 and the second is lost.
  // Round 2: the second rises by 2, to 3 at voxel 0 and -1 at voxel 1; it takes voxel 0 back and the first is lost
  // again. Round 3: the first rises by 4, to 5 at voxel 0 and -2 at voxel 1. Round 4: the second by 8, to 11 and 7: all
  // is its own. Round 5: the first by 16, to 21 and 14. Round 6: 32 more for the second, and so on: the last of ten
  // rounds decides.
  const { labels, lost } = merged(line, [
    { label: 1, logits: onLine([0, -7, -2000, -2000]), fallback: everywhere },
    { label: 2, logits: onLine([1, -3, -2000, -2000]), fallback: everywhere },
  ]);
  expect([...labels.data]).toEqual([2, 2, 0, 0]);
  expect(lost).toEqual([1]);
});

test("labels over 255 and over 65535 keep their value", () => {
  const logits = onLine([1, -1, -1, -1]);
  expect(merged(line, [{ label: 300, logits }]).labels.data).toEqual(new Uint16Array([300, 0, 0, 0]));
  expect(merged(line, [{ label: 70_000, logits }]).labels.data).toEqual(new Int32Array([70_000, 0, 0, 0]));
});

test("a logit that is not a number is an error that names the cell", () => {
  const logits = onLine([1, Number.NaN, 0, 0]);
  expect(() => merged(line, [{ label: 1, logits }])).toThrow("cell [0, 0, 1]: expected a number, got NaN");
});

test("with two voxels per cell the values between two centres are at one and three quarters of the way", () => {
  const frame = frameOf([1, 4, 4], wholeBox([1, 4, 4]), 4); // cells: 1 x 2 x 2
  expect(frame.pooling).toEqual([1, 2, 2]);
  const logits = new Float32Array(voxelCount(frame.shape)).fill(50);
  logits.set([0, 4], 0);
  logits.set([0, 4], 8);
  const out = new Float64Array(4);
  logitRows(frame, logits).read(0, 0, 0, 4, out);
  expect([...out]).toEqual([0, 1, 3, 4]);
});

const cases = fc.record({
  shape: fc.tuple(fc.integer({ min: 1, max: 13 }), fc.integer({ min: 1, max: 13 }), fc.integer({ min: 1, max: 13 })),
  maxVoxels: fc.integer({ min: 20, max: 2000 }),
  seed: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 7, maxLength: 50 }),
});

test("searching lost objects gives what painting after every round gives", () => {
  fc.assert(
    fc.property(cases, fc.integer({ min: 2, max: 60 }), ({ shape, maxVoxels, seed }, depth) => {
      const frame = frameOf(shape, wholeBox(shape), maxVoxels);
      const half: Box = { min: [0, 0, 0], max: [Math.ceil(shape[0] / 2), shape[1], Math.ceil(shape[2] / 2)] };
      const objects = [0, 1, 2].map((k) => ({
        label: k + 1,
        logits: noise(frame, seed, k).map((value) => value - depth * k),
        fallback: k === 1 ? half : wholeBox(shape),
      }));
      expect([...merged(frame, objects).labels.data]).toEqual(rescuedEveryRound(frame, objects, half));
    }),
  );
});

test("the merged map is what full-resolution logits of every object give", () => {
  fc.assert(
    fc.property(cases, ({ shape, maxVoxels, seed }) => {
      const frame = frameOf(shape, wholeBox(shape), maxVoxels);
      const objects = [2, 5].map((label, k) => ({ label, logits: noise(frame, seed, k) }));
      const { labels } = merged(frame, objects);
      const full = objects.map(({ logits }) => fullResolution(frame, logits));
      for (let i = 0; i < labels.data.length; i++) {
        const [a, b] = [full[0]![i]!, full[1]![i]!];
        expect(labels.data[i]).toBe(a > 0 && a >= b ? 2 : b > 0 ? 5 : 0);
      }
    }),
  );
});

test("a mask that is pooled, scored and brought back covers the mask and stays within one cell of it", () => {
  fc.assert(
    fc.property(cases, ({ shape, maxVoxels, seed }) => {
      const frame = frameOf(shape, wholeBox(shape), maxVoxels);
      const count = shape[0] * shape[1] * shape[2];
      const mask = Uint8Array.from({ length: count }, (_, i) => (seed[i % seed.length]! > 3 ? 1 : 0));
      const pooled = maxPool({ data: mask, shape }, frame.pooling);
      const logits = new Float32Array(voxelCount(frame.shape));
      const [, height, width] = frame.shape;
      const [depth, rows, columns] = pooled.shape;
      for (let z = 0; z < depth; z++)
        for (let y = 0; y < rows; y++)
          for (let x = 0; x < columns; x++)
            logits[(z * height + y) * width + x] = pooled.data[(z * rows + y) * columns + x]! > 0 ? 1 : -0.001;
      const { labels } = merged(frame, [{ label: 1, logits }]);
      for (let i = 0; i < count; i++) if (mask[i] === 1) expect(labels.data[i]).toBe(1);
      if (frame.pooling.every((factor) => factor === 1)) expect([...labels.data]).toEqual([...mask]);
    }),
  );
});

function noise(frame: Frame, seed: readonly number[], k: number): Float32Array {
  return Float32Array.from({ length: voxelCount(frame.shape) }, (_, i) => seed[(i * (k + 1) + k) % seed.length]! - 2);
}

/** The rule as it is written: full-resolution logits, decided anew after each of ten rounds. */
function rescuedEveryRound(frame: Frame, objects: readonly { logits: Float32Array }[], half: Box): number[] {
  const full = objects.map(({ logits }) => fullResolution(frame, logits));
  const count = full[0]!.length;
  const [, height, width] = frame.imageShape;
  const isInHalf = (i: number) => {
    const [z, x] = [Math.floor(i / (height * width)), i % width];
    return z < half.max[0] && x < half.max[2];
  };
  const decide = () =>
    Array.from({ length: count }, (_, i) => {
      let [best, owner] = [0, 0];
      full.forEach((values, k) => {
        if (values[i]! > best) [best, owner] = [values[i]!, k + 1];
      });
      return owner;
    });
  let labels = decide();
  for (let round = 0; round < 10; round++) {
    const lost = [0, 1, 2].filter((k) => !labels.includes(k + 1));
    for (const k of lost) for (let i = 0; i < count; i++) if (k !== 1 || isInHalf(i)) full[k]![i]! += 2 ** round;
    labels = decide();
  }
  return labels;
}

/** Plain trilinear interpolation, one voxel at a time. */
function fullResolution(frame: Frame, logits: Float32Array): Float64Array {
  const shape = frame.imageShape;
  const at = (z: number, y: number, x: number) => logits[(z * frame.shape[1] + y) * frame.shape[2] + x]!;
  const sides = (i: number, axis: 0 | 1 | 2) => {
    const last = frame.content[axis] - 1;
    const c = Math.min(Math.max((i + 0.5) / frame.pooling[axis] - 0.5, 0), last);
    const low = Math.floor(c);
    return [
      { cell: low, weight: 1 - (c - low) },
      { cell: Math.min(low + 1, last), weight: c - low },
    ];
  };
  const out = new Float64Array(shape[0] * shape[1] * shape[2]);
  let i = 0;
  for (let z = 0; z < shape[0]; z++)
    for (let y = 0; y < shape[1]; y++)
      for (let x = 0; x < shape[2]; x++, i++)
        for (const a of sides(z, 0))
          for (const b of sides(y, 1))
            for (const c of sides(x, 2)) out[i]! += a.weight * b.weight * c.weight * at(a.cell, b.cell, c.cell);
  return out;
}
