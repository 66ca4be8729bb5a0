import { inverseTurn, noTurn, turnAffine, turnToLps, turnZyx, type Zyx } from "@ensam/core/geometry";
import { turnGrid } from "@ensam/core/voxels";
import { expect, test } from "vitest";
import { eachDot } from "./font.ts";
import { drawPreview } from "./preview.ts";

/** A body in LPS, 3 x 1 x 1 mm; right is bright, front is dark, and the object is off its middle to the left, back and top. */
const shape: Zyx = [10, 30, 30];
const lps = [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1];
const image = new Uint8Array(9000);
const labels = new Uint8Array(9000);
for (let z = 0, i = 0; z < 10; z++) {
  for (let y = 0; y < 30; y++) {
    for (let x = 0; x < 30; x++, i++) {
      image[i] = x < 10 ? 200 : 100;
      if (z >= 6 && z <= 8 && y >= 15 && y <= 24 && x >= 12 && x <= 26) labels[i] = 1;
    }
  }
}
const clicks = [{ at: [7, 20, 20] as Zyx, foreground: true }];
const objects = [{ label: 1, name: "liver", clicks }];

function drawn(turn = noTurn, hasDirections = true) {
  // Stored so that `turn` leads to LPS.
  const back = inverseTurn(turn);
  const stored = (data: Uint8Array) => turnGrid({ data, shape }, back);
  const turned = stored(image);
  const { order, flips } = back;
  const at = ([0, 1, 2] as const).map((i) =>
    flips[i] ? shape[order[i]] - 1 - clicks[0]!.at[order[i]] : clicks[0]!.at[order[i]],
  );
  return drawPreview({
    title: "body.nii.gz",
    image: turned,
    spacing: turnZyx(back, [3, 1, 1]),
    labels: stored(labels),
    objects: [{ ...objects[0]!, clicks: [{ at: at as unknown as Zyx, foreground: true }] }],
    turn,
    hasDirections,
  });
}

const red = [255, 70, 70];
const green = [80, 230, 110];

/** Where a colour is found in a third of the picture: its first and last column and row. */
function extentOf(canvas: ReturnType<typeof drawPreview>, third: number, color: readonly number[]) {
  const found: [number, number][] = [];
  for (let y = 0; y < canvas.height; y++) {
    for (let x = third * 310; x < (third + 1) * 310; x++) {
      const i = (y * canvas.width + x) * 4;
      if (color.every((value, c) => canvas.data[i + c] === value)) found.push([x - third * 310, y]);
    }
  }
  const xs = found.map(([x]) => x);
  const ys = found.map(([, y]) => y);
  return found.length === 0
    ? undefined
    : { x: [Math.min(...xs), Math.max(...xs)], y: [Math.min(...ys), Math.max(...ys)] };
}

test("the outline lies in each plane where the object is, in the right proportions", () => {
  const canvas = drawn();
  // Half of the largest side, 15 mm, but at least 10 mm and 5 voxels: all of x and y (10 voxels), and z from 1 to the
  // end. 30 mm are 300 pixels.
  const axial = extentOf(canvas, 0, red)!;
  const coronal = extentOf(canvas, 1, red)!;
  const sagittal = extentOf(canvas, 2, red)!;
  const size = (range: number[]) => range[1]! - range[0]! + 1;
  expect(size(axial.x) / size(axial.y)).toBeCloseTo(15 / 10, 1);
  expect(size(coronal.x) / size(coronal.y)).toBeCloseTo(15 / 9, 1); // 3 slices of 3 mm
  expect(size(sagittal.x) / size(sagittal.y)).toBeCloseTo(10 / 9, 1);
  // Left is at the right of the picture, the back below, and up is up.
  const middle = 10 + 150;
  expect((axial.x[0]! + axial.x[1]!) / 2).toBeGreaterThan(middle);
  const top = 10 + 40 + 20;
  expect((axial.y[0]! + axial.y[1]!) / 2).toBeGreaterThan(top + 150);
  expect((coronal.y[0]! + coronal.y[1]!) / 2).toBeLessThan(top + 150);
});

test("the picture is the same in whatever order the file stores its axes, but for the names of the slices", () => {
  const straight = drawn();
  const turn = turnToLps(turnAffine({ order: [2, 0, 1], flips: [true, false, true] }, shape, lps));
  const turned = drawn(turn);
  expect([turned.width, turned.height]).toEqual([straight.width, straight.height]);
  const rows = (canvas: typeof straight) => canvas.data.subarray(0, canvas.width * 4 * (10 + 40 + 20 + 300));
  expect(Buffer.compare(rows(straight), rows(turned))).toBe(0);
});

test("a click is drawn in the slices that it lies in", () => {
  // The largest sections are the first of equal ones: z 6, y 15 and x 12; the click lies in none of them.
  expect(extentOf(drawn(), 0, green)).toBeUndefined();
  const single = { data: labels.map((value, i) => (Math.floor(i / 900) === 7 ? value : 0)), shape };
  const canvas = drawPreview({
    title: "x",
    image: { data: image, shape },
    spacing: [3, 1, 1],
    labels: single,
    objects,
    turn: noTurn,
    hasDirections: true,
  });
  expect(extentOf(canvas, 0, green)).toBeDefined();
});

test("letters are legible: capitals for small ones, a question mark for what is unknown, no marks", () => {
  const dots = (text: string) => {
    const found: string[] = [];
    eachDot(text, (x, y) => found.push(`${x},${y}`));
    return found.join(" ");
  };
  expect(dots("a")).toBe(dots("A"));
  expect(dots("é")).toBe(dots("E"));
  expect(dots("肝")).toBe(dots("?"));
  const all = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;-+=_/()?%'"].map(dots);
  expect(new Set(all).size).toBe(all.length);
});
