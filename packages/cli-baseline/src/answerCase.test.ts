import type { ChallengeCase } from "@ensam/core/files";
import { challengeOfBox } from "@ensam/core/prompts";
import type { Zyx } from "@ensam/core/voxels";
import { expect, test } from "vitest";
import { answerCase, type Method } from "./answerCase.ts";

const size = 24;
const shape: Zyx = [size, size, size];
const count = (labels: ArrayLike<number>, label: number) =>
  Array.from(labels).filter((value) => value === label).length;
const at = (labels: ArrayLike<number>, [z, y, x]: Zyx) => labels[(z * size + y) * size + x];

/** A bright bar of 14 x 6 x 6 voxels (z 5..19, y and x 9..15) on grey. */
function bar(): Uint8Array {
  const data = new Uint8Array(size ** 3).fill(60);
  for (let z = 5; z < 19; z++)
    for (let y = 9; y < 15; y++) data.fill(200, (z * size + y) * size + 9, (z * size + y) * size + 15);
  return data;
}

const input = (more: Partial<ChallengeCase>): ChallengeCase => ({
  imgs: { data: bar(), shape },
  spacing: [1, 1, 1],
  ...more,
});
const box = (min: Zyx, max: Zyx) => challengeOfBox({ min, max });
const answer = (method: Method, more: Partial<ChallengeCase>) => answerCase("case", input(more), method, 130).data;

test("the filled box is the box, and a smaller box lies on top of a larger one", () => {
  const labels = answer("box", { boxes: [box([2, 2, 2], [12, 12, 12]), box([10, 10, 10], [14, 14, 14])] });
  // 10³ less the 2³ that both share; 4³
  expect([count(labels, 1), count(labels, 2)]).toEqual([1000 - 8, 64]);
});

test("the ellipsoid fills pi / 6 of its box and reaches its faces", () => {
  const labels = answer("ellipsoid", { boxes: [box([0, 0, 0], [24, 20, 16])] });
  expect(count(labels, 1) / (24 * 20 * 16)).toBeCloseTo(Math.PI / 6, 2);
  expect(at(labels, [0, 9, 8])).toBe(1);
  expect(at(labels, [0, 0, 0])).toBe(0);
});

test("the random walker finds the edges of a bright bar in a box that is too large", () => {
  const labels = answer("random-walker", { boxes: [box([3, 7, 7], [21, 17, 17])] });
  // 14 * 6 * 6 = 504 voxels; the box has 1800.
  expect(Math.abs(count(labels, 1) - 504)).toBeLessThan(30);
});

test("a background click takes away, a foreground click adds", () => {
  const boxes = [box([3, 7, 7], [21, 17, 17])];
  const cut = answer("random-walker", { boxes, clicks: [{ fg: [], bg: [[16, 12, 12]] }] });
  expect(at(cut, [16, 12, 12])).toBe(0);
  const whole = answer("random-walker", { boxes, clicks: [{ fg: [[8, 12, 12]], bg: [[16, 12, 12]] }] });
  expect(count(whole, 1)).toBeLessThan(504);
  expect(at(answer("random-walker", { boxes, clicks: [{ fg: [[3, 7, 7]], bg: [] }] }), [3, 7, 7])).toBe(1);
});

test("clicks without box: a cube of 33 voxels round the first, cut at the image; an object without click stays empty", () => {
  const clicks = [
    { fg: [[2, 12, 12] as Zyx], bg: [] },
    { fg: [], bg: [] },
  ];
  const labels = answer("box", { clicks });
  // z: 0 to 18 = 19 voxels; y and x: 16 on each side, cut to 24.
  expect([count(labels, 1), count(labels, 2)]).toEqual([19 * 24 * 24, 0]);
});

test("boxes that fill the image or hold one voxel are answered by every method", () => {
  for (const method of ["box", "ellipsoid", "random-walker"] as const) {
    expect(count(answer(method, { boxes: [box([0, 0, 0], shape)] }), 1)).toBeGreaterThan(0);
    expect(count(answer(method, { boxes: [box([5, 9, 9], [6, 10, 10])] }), 1)).toBeGreaterThan(0);
  }
});

test("a file without prompts is refused in words", () => {
  expect(() => answer("box", {})).toThrow(/case: expected boxes or clicks, got neither/);
});
