import { expect, test } from "vitest";
import { roundsOf } from "./rounds.ts";

const click = (x: number, foreground = true) => ({ at: [0, 0, x] as const, foreground });
const box = { min: [0, 0, 0], max: [1, 1, 4] } as const;

test("the box comes first, then one click at a time; an object with fewer prompts keeps what it has", () => {
  const rounds = roundsOf([
    { label: 1, box, clicks: [click(1), click(2)] },
    { label: 2, clicks: [click(3)] },
  ]);
  expect(rounds.map((round) => round.map((object) => object.clicks.map(({ at }) => at[2])))).toEqual([
    [[], [3]],
    [[1], [3]],
    [[1, 2], [3]],
  ]);
});

test("without a box the first foreground click comes first", () => {
  const rounds = roundsOf([{ label: 1, clicks: [click(5, false), click(6)] }]);
  expect(rounds.map(([object]) => object!.clicks.map(({ at }) => at[2]))).toEqual([[6], [6, 5]]);
});
