import { expect, test } from "vitest";
import { epochOrder, placeAfter, turnsFrom } from "./order.ts";

test("every row comes once per epoch, in an order that changes with the epoch", () => {
  const first = epochOrder(7, 0, 50);
  expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  expect(epochOrder(7, 1, 50)).not.toEqual(first);
  expect(epochOrder(8, 0, 50)).not.toEqual(first);
  expect(epochOrder(7, 0, 50)).toEqual(first);
});

test("turns begun in the middle are the rest of the turns begun at the start", () => {
  const plan = { seed: 3, epochs: 3, count: 4 };
  const all = [...turnsFrom({ epoch: 0, position: 0 }, plan)];
  expect(all).toHaveLength(12);
  // 4 rows per epoch: turn 6 is epoch 1, position 2
  expect([...turnsFrom({ epoch: 1, position: 2 }, plan)]).toEqual(all.slice(6));
});

test("the place after the last row of an epoch is the start of the next", () => {
  expect(placeAfter({ epoch: 0, position: 2 }, 4)).toEqual({ epoch: 0, position: 3 });
  expect(placeAfter({ epoch: 0, position: 3 }, 4)).toEqual({ epoch: 1, position: 0 });
});
