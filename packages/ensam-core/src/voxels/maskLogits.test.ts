import { expect, test } from "vitest";
import { frameOf, inverseTurn, turnZyx, type Zyx } from "../geometry/index.ts";
import { maskLogits } from "./maskLogits.ts";
import { probabilitiesOf } from "./probabilities.ts";
import { turnGrid } from "./turnGrid.ts";

const shape: Zyx = [4, 10, 12];
const at = (z: number, y: number, x: number) => (z * 10 + y) * 12 + x;

test("a mask in voxels of the model's size comes back where its probability is over one half, inside of the crop", () => {
  const data = new Uint8Array(480);
  for (let i = 0; i < 480; i++) data[i] = (i * 7919) % 5 === 0 ? 2 : (i * 31) % 7 === 0 ? 1 : 0;
  const crop = { min: [1, 2, 3], max: [4, 9, 12] } as const;
  const frame = frameOf(shape, crop, 1000);
  expect(frame.pooling).toEqual([1, 1, 1]);
  const probabilities = probabilitiesOf({ frame, logits: maskLogits(frame, { data, shape }, 2) }).data;
  for (let z = 0; z < 4; z++) {
    for (let y = 0; y < 10; y++) {
      for (let x = 0; x < 12; x++) {
        const isSeen = z >= 1 && y >= 2 && y < 9 && x >= 3;
        const value = probabilities[at(z, y, x)]!;
        if (isSeen) expect(value > 0.5).toBe(data[at(z, y, x)] === 2);
        else expect(value).toBe(0);
      }
    }
  }
});

test("a pooled cell gets the share of its voxels inside, and a last cell that is not full that of those it has", () => {
  // 11 columns pooled by 2: the last cell holds column 10 alone.
  const data = new Uint8Array(480);
  data[at(0, 0, 0)] = 1; // one of 1 x 2 x 2 voxels: 4 * (2 * 1/4 - 1) = -2
  data[at(0, 2, 2)] = data[at(0, 2, 3)] = 1; // half: 0
  data[at(0, 4, 10)] = data[at(0, 5, 10)] = 1; // all of the last cell: 4
  const frame = frameOf(shape, { min: [0, 0, 0], max: [4, 10, 11] }, 150);
  expect(frame.pooling).toEqual([1, 2, 2]);
  const logits = maskLogits(frame, { data, shape }, 1);
  const cell = (y: number, x: number) => logits[y * frame.shape[2] + x];
  expect([cell(0, 0), cell(1, 1), cell(2, 5), cell(0, 1)]).toEqual([-2, 0, 4, -4]);
  expect(frame.shape[2]).toBeGreaterThan(6);
  expect(cell(2, 6)).toBe(-4); // Padding.
});

test("an image stored with other axes has the same logits, and its probabilities come back on its own grid", () => {
  const data = Uint8Array.from({ length: 480 }, (_, i) => ((i * 7919) % 5 === 0 ? 1 : 0));
  const crop = { min: [0, 2, 3], max: [4, 9, 12] } as const;
  const straight = frameOf(shape, crop, 150);
  const turn = { order: [2, 0, 1], flips: [true, false, true] } as const;
  const stored = turnGrid({ data, shape }, inverseTurn(turn));
  const turned = frameOf(turnZyx(inverseTurn(turn), shape), crop, 150, { turn });
  const logits = maskLogits(turned, stored, 1);
  expect(logits).toEqual(maskLogits(straight, { data, shape }, 1));
  const back = turnGrid(probabilitiesOf({ frame: turned, logits }), turn);
  expect(back).toEqual(probabilitiesOf({ frame: straight, logits }));
});
