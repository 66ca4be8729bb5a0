import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Affine,
  allTurns,
  axesBefore,
  axisCodes,
  inverseTurn,
  isNoTurn,
  isSameTurn,
  noTurn,
  turnAffine,
  turnBox,
  turnOnto,
  turnToLps,
  turnVoxel,
  turnZyx,
  voxelToWorld,
  type Zyx,
} from "./index.ts";
import { nearestAxes } from "./nearestAxes.ts";
import { placedAffines } from "./testing/index.ts";

const shape: Zyx = [4, 5, 7];
const near = (a: readonly number[], b: readonly number[]) => Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

test("there are 48 turns, and the first changes nothing", () => {
  const seen = new Set(allTurns.map((turn) => turnVoxel(turn, [10, 10, 10], [1, 2, 4]).join()));
  expect(seen.size).toBe(48);
  expect(allTurns[0]).toEqual(noTurn);
  expect(allTurns.filter(isNoTurn)).toHaveLength(1);
  expect(allTurns.flatMap((a) => allTurns.filter((b) => isSameTurn(a, b)))).toEqual(allTurns);
});

test("a turn by hand: z and x swapped, then the new x backwards", () => {
  const turn = { order: [2, 1, 0], flips: [false, false, true] } as const;
  expect(turnZyx(turn, shape)).toEqual([7, 5, 4]);
  // z' = x = 6, y' = y = 1, x' = 4 - 1 - z = 2
  expect(turnVoxel(turn, shape, [1, 1, 6])).toEqual([6, 1, 2]);
  // z' 2..6 from x; x' = 4 - 3 .. 4 - 1 from z
  expect(turnBox(turn, shape, { min: [1, 0, 2], max: [3, 5, 6] })).toEqual({ min: [2, 0, 1], max: [6, 5, 3] });
});

test("every turn leaves every voxel where it is, and its inverse undoes it", () => {
  const voxel = fc.tuple(fc.nat(3), fc.nat(4), fc.nat(6));
  fc.assert(
    fc.property(
      fc.constantFrom(...allTurns),
      voxel,
      fc.constantFrom(...Object.values(placedAffines)),
      (turn, at, affine) => {
        const turnedShape = turnZyx(turn, shape);
        const there = turnVoxel(turn, shape, at);
        expect(turnVoxel(inverseTurn(turn), turnedShape, there)).toEqual(at);
        const turnedAffine = turnAffine(turn, shape, affine);
        expect(near(voxelToWorld(turnedAffine, there), voxelToWorld(affine, at))).toBeLessThan(1e-9);
        expect(near(turnAffine(inverseTurn(turn), turnedShape, turnedAffine), affine)).toBeLessThan(1e-9);
        // The box of one voxel is the voxel.
        const box = turnBox(turn, shape, { min: at, max: [at[0] + 1, at[1] + 1, at[2] + 1] });
        expect(box).toEqual({ min: there, max: [there[0] + 1, there[1] + 1, there[2] + 1] });
      },
    ),
  );
});

test.each(Object.entries(placedAffines))(
  "%s: all 48 orders of a grid turn to the same one, which is LPS",
  (_, affine) => {
    const canonical = turnAffine(turnToLps(affine), shape, affine);
    expect(axisCodes(canonical)).toBe("LPS");
    for (const order of allTurns) {
      const stored = turnAffine(order, shape, affine);
      const storedShape = turnZyx(order, shape);
      // Headers hold float32.
      const read: Affine = Array.from(Float32Array.from(stored));
      const turn = turnToLps(read);
      expect(axesBefore(turn)).toBe(axisCodes(read));
      expect(turnZyx(turn, storedShape)).toEqual(turnZyx(turnToLps(affine), shape));
      expect(near(turnAffine(turn, storedShape, read), canonical)).toBeLessThan(1e-4);
    }
  },
);

test("at 45 degrees the axis for left is the one that leans to the back, as the stated rule has it", () => {
  // x = (left, back) / sqrt 2 and y = (right, back) / sqrt 2: both are as near to left-right as to front-back.
  const s = Math.SQRT1_2;
  expect(nearestAxes([-s, s, 0, 0, -s, -s, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])).toEqual([
    { world: 0, isPositive: false },
    { world: 1, isPositive: false },
    { world: 2, isPositive: true },
  ]);
});

test("a grid is turned onto another of its size by their places, and where none fits, that is known", () => {
  const image = { shape, affine: placedAffines.oblique! };
  for (const order of allTurns) {
    const labels = { shape: turnZyx(order, shape), affine: turnAffine(order, shape, image.affine) };
    const found = turnOnto(labels, image)!;
    expect(found.turn).toEqual(inverseTurn(order));
    expect(found.apart).toBeLessThan(1e-9);
  }
  // 3 mm to the right: 3 / 0.8 voxels of the smallest side.
  expect(turnOnto({ shape, affine: image.affine.with(3, image.affine[3]! + 3) }, image)!.apart).toBeCloseTo(3 / 0.8, 6);
  expect(turnOnto({ shape: [4, 5, 8], affine: image.affine }, image)).toBeUndefined();
});
