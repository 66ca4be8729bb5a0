import fc from "fast-check";
import { expect, test } from "vitest";
import {
  allTurns,
  boxToGrid,
  cellToImage,
  type Frame,
  frameOf,
  isInside,
  pointToGrid,
  turnZyx,
  voxelCount,
  type Zyx,
} from "../geometry/index.ts";
import { flip } from "./flip.ts";
import { imageToGrid, maskToGrid } from "./framed.ts";
import { logitRows } from "./logitRows.ts";
import { randomStream } from "./random.ts";

const side = fc.integer({ min: 1, max: 14 });
const framed = fc
  .record({
    shape: fc.tuple(side, side, side),
    turn: fc.constantFrom(...allTurns),
    flips: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
    maxVoxels: fc.integer({ min: 20, max: 2000 }),
    seed: fc.integer({ min: 1, max: 10_000 }),
  })
  .map(({ shape, turn, flips, maxVoxels, seed }) => {
    const random = randomStream(seed, "crop");
    const outer = turnZyx(turn, shape);
    const min = outer.map((size) => random.int(0, size)) as unknown as Zyx;
    const max = outer.map((size, axis) => random.int(min[axis]! + 1, size + 1)) as unknown as Zyx;
    const data = Uint8Array.from({ length: voxelCount(shape) }, () => random.int(0, 256));
    return { frame: frameOf(shape, { min, max }, maxVoxels, { turn, flips }), image: { data, shape } };
  });

function* cellsOf(shape: Zyx): Generator<Zyx> {
  for (let z = 0; z < shape[0]; z++)
    for (let y = 0; y < shape[1]; y++) for (let x = 0; x < shape[2]; x++) yield [z, y, x];
}

function* voxelsOf(frame: Frame, cell: Zyx): Generator<Zyx> {
  const { min, max } = cellToImage(frame, cell);
  for (const [z, y, x] of cellsOf([max[0] - min[0], max[1] - min[1], max[2] - min[2]]))
    yield [min[0] + z, min[1] + y, min[2] + x];
}

const indexIn = (shape: Zyx, [z, y, x]: Zyx) => (z * shape[1] + y) * shape[2] + x;

test("each cell is the largest of its voxels, image and mask; each voxel leads to its cell; padding is 0", () => {
  fc.assert(
    fc.property(framed, ({ frame, image }) => {
      const label = 200;
      const volume = imageToGrid(image, frame);
      const mask = maskToGrid(image, label, frame);
      expect([volume.shape, mask.shape]).toEqual([frame.shape, frame.shape]);
      let voxels = 0;
      for (const cell of cellsOf(frame.shape)) {
        const values: number[] = [];
        if (isInside({ min: [0, 0, 0], max: frame.content }, cell)) {
          for (const voxel of voxelsOf(frame, cell)) {
            values.push(image.data[indexIn(image.shape, voxel)]!);
            expect(pointToGrid(frame, voxel)).toEqual(cell);
          }
        }
        voxels += values.length;
        const index = indexIn(frame.shape, cell);
        expect(volume.data[index]).toBe(Math.fround(Math.max(0, ...values) / 255));
        expect(mask.data[index]).toBe(values.includes(label) ? 1 : 0);
      }
      const { min, max } = frame.crop;
      expect(voxels).toBe((max[0] - min[0]) * (max[1] - min[1]) * (max[2] - min[2]));
    }),
    { numRuns: 40 },
  );
});

test("a box leads to the cells that hold one of its voxels", () => {
  fc.assert(
    fc.property(framed, fc.integer({ min: 1, max: 1000 }), ({ frame }, seed) => {
      const random = randomStream(seed, "box");
      const [a, b] = [0, 1].map(() => cellToImage(frame, frame.content.map((n) => random.int(0, n)) as unknown as Zyx));
      const box = {
        min: each((i) => Math.min(a!.min[i], b!.min[i])),
        max: each((i) => Math.max(a!.max[i], b!.max[i])),
      };
      const held = [...cellsOf(frame.content)].filter((cell) =>
        [...voxelsOf(frame, cell)].some((voxel) => isInside(box, voxel)),
      );
      const cells = boxToGrid(frame, box);
      expect(held.every((cell) => isInside(cells, cell))).toBe(true);
      expect(held).toHaveLength(voxelCount(each((i) => cells.max[i] - cells.min[i])));
    }),
    { numRuns: 30 },
  );
});

test("logits of a mirrored grid lead to the same voxels as those of one that is not", () => {
  fc.assert(
    fc.property(framed, fc.integer({ min: 1, max: 1000 }), ({ frame }, seed) => {
      const { content, shape, crop } = frame;
      const random = randomStream(seed, "logits");
      const inOrder = { data: new Float32Array(voxelCount(content)).map(() => random.uniform(-1, 1)), shape: content };
      const padded = ({ data }: typeof inOrder) => {
        const out = new Float32Array(voxelCount(shape)).fill(-9);
        for (const cell of cellsOf(content)) out[indexIn(shape, cell)] = data[indexIn(content, cell)]!;
        return out;
      };
      const plain = logitRows({ ...frame, flips: [false, false, false] }, padded(inOrder));
      const mirrored = logitRows(frame, padded(flip(inOrder, frame.flips)));
      expect(mirrored.positive).toEqual(plain.positive);
      const [from, to] = [crop.min[2], crop.max[2]];
      const rows = [plain, mirrored].map((rows) => {
        const row = new Float64Array(to - from);
        rows.read(crop.min[0], crop.max[1] - 1, from, to, row);
        return row;
      });
      expect(rows[1]).toEqual(rows[0]);
    }),
    { numRuns: 30 },
  );
});

function each(value: (axis: 0 | 1 | 2) => number): Zyx {
  return [value(0), value(1), value(2)];
}
