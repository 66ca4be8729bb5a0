import { expect, test } from "vitest";
import { type LabelMap, labelBoxes, randomStream, voxelCount } from "../voxels/index.ts";
import { type LabelSource, labelSource } from "./labelSource.ts";
import type { StyleName } from "./style.ts";
import { type SyntheticImage, synthesizeImage } from "./synthesize.ts";
import { drawView } from "./view.ts";

const styles: readonly StyleName[] = ["CT", "MR", "PET", "US", "Microscopy"];
const side = 40;
const radius = 9;

/** A ball of radius 9 with label 7 in the middle of 40³ voxels of 2 mm, and one voxel of label 300 in a corner. */
function ball(): LabelSource {
  const labels: LabelMap = { data: new Uint16Array(side ** 3), shape: [side, side, side] };
  for (let i = 0; i < labels.data.length; i++) {
    const [z, y, x] = [Math.floor(i / side ** 2), Math.floor(i / side) % side, i % side];
    const middle = (side - 1) / 2;
    if ((z - middle) ** 2 + (y - middle) ** 2 + (x - middle) ** 2 < radius ** 2) labels.data[i] = 7;
  }
  labels.data[0] = 300;
  return labelSource(labels, [2, 2, 2]);
}

const source = ball();
const draw = (i: number, style: StyleName = styles[i % 5]!) =>
  synthesizeImage(source, 7, { size: 32, style }, randomStream(1, "image", i));
const images = Array.from({ length: 30 }, (_, i) => draw(i));

test("the same stream gives the same image and truth, another stream another one", () => {
  expect(draw(3)).toEqual(images[3]);
  expect(draw(4, "US")).not.toEqual(draw(3, "US"));
});

test("the truth names what it was made from and lies on the image's grid, at most 32 voxels a side", () => {
  for (const { image, labels, from } of images) {
    expect(labels.shape).toEqual(image.shape);
    expect(Math.max(...image.shape)).toBeLessThanOrEqual(32);
    expect(from).toContain(7);
    expect(new Set(labels.data)).toEqual(new Set([0, ...from.map((_, i) => i + 1)]));
  }
});

test("the object keeps its volume but for stretching by 0.87 to 1.15 along each axis, bending and its cut", () => {
  const ofBall = (4 / 3) * Math.PI * (2 * radius) ** 3;
  const ratios = images.map(({ labels, from, spacing }) => {
    const label = from.indexOf(7) + 1;
    const { voxels } = labelBoxes(labels).get(label)!;
    return (voxels * spacing[0] * spacing[1] * spacing[2]) / ofBall;
  });
  const middle = ratios.toSorted((a, b) => a - b)[ratios.length / 2]!;
  // The turn leads from the image to the map, so a stretch of s shrinks the object by s: 1 / 1.01³ on average.
  expect(middle).toBeGreaterThan(0.75);
  expect(middle).toBeLessThan(1.3);
});

test("most objects differ from their surroundings by more than 12 grey levels, in every style", () => {
  for (const style of styles) {
    const differences = Array.from({ length: 8 }, (_, i) => contrast(draw(100 + i, style)));
    expect(differences.filter((difference) => difference > 12).length, style).toBeGreaterThanOrEqual(5);
  }
});

/** Difference of the mean grey levels of the object and of all background. */
function contrast({ image, labels, from }: SyntheticImage): number {
  const label = from.indexOf(7) + 1;
  const [sums, counts] = [
    [0, 0],
    [0, 0],
  ];
  for (let i = 0; i < image.data.length; i++) {
    if (labels.data[i] !== label && labels.data[i] !== 0) continue;
    const side = labels.data[i] === label ? 1 : 0;
    sums[side]! += image.data[i]!;
    counts[side]! += 1;
  }
  return Math.abs(sums[1]! / counts[1]! - sums[0]! / counts[0]!);
}

test("grey levels use the range of 8 bits", () => {
  for (const { image } of images) {
    const values = new Set(image.data);
    expect(Math.min(...values)).toBe(0);
    expect(Math.max(...values)).toBe(255);
  }
});

test("an object without a visible voxel is refused in words", () => {
  const shape = [100, 100, 100] as const;
  const far: LabelMap = { data: new Uint8Array(voxelCount(shape)), shape };
  far.data[0] = 1;
  far.data[far.data.length - 1] = 1;
  // 100 voxels apart in an image of 16: a cell is as wide as 5 voxels, and shows one of the two in 1 of 125 views.
  const lone = labelSource(far, [1, 1, 1]);
  expect(() => {
    for (let i = 0; i < 3; i++) synthesizeImage(lone, 1, { size: 16, style: "CT" }, randomStream(1, "far", i));
  }).toThrow(/expected an object of visible size, got label 1/);
  expect(() => labelSource({ data: new Uint8Array(8), shape: [2, 2, 2] }, [1, 1, 1])).toThrow(
    "labels: expected at least one object, got only background",
  );
});

test("views come in all 48 axis orders and mirror images; slices are thick in 45 % of them", () => {
  const orders = new Map<string, number>();
  let thick = 0;
  const draws = 1200;
  for (let i = 0; i < draws; i++) {
    const view = drawView(source, 7, 32, randomStream(2, "view", i));
    if (Math.max(...view.spacing) > 1.4 * Math.min(...view.spacing)) thick++;
    const order = [0, 1, 2].map((column) => {
      const parts = [0, 1, 2].map((row) => view.turn[3 * row + column]!);
      const largest = parts.reduce((best, part, row) => (Math.abs(part) > Math.abs(parts[best]!) ? row : best), 0);
      return `${parts[largest]! < 0 ? "-" : "+"}${largest}`;
    });
    const axes = new Set(order.map((axis) => axis[1]));
    if (axes.size === 3) orders.set(order.join(), (orders.get(order.join()) ?? 0) + 1);
  }
  expect(orders.size).toBe(48);
  expect(Math.abs(thick / draws - 0.45)).toBeLessThan(0.05);
});
