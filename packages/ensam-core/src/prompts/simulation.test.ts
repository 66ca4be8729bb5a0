import { expect, test } from "vitest";
import type { Click } from "../geometry/index.ts";
import type { LabelMap } from "../voxels/index.ts";
import type { ClickRule, Round } from "./simulatedUser.ts";
import { simulation } from "./simulation.ts";

const shape = [1, 1, 6] as const;
const truth: LabelMap = { data: Uint8Array.of(0, 3, 3, 0, 300 % 256, 0), shape };
const box = { min: [0, 0, 1], max: [1, 1, 3] } as const;

/** The first voxel that differs. */
const firstError: ClickRule = (wanted, got, labels) =>
  new Map(
    labels.map((label) => {
      const x = wanted.data.findIndex((value, i) => (value === label) !== (got.data[i] === label));
      const click: Click | undefined = x < 0 ? undefined : { at: [0, 0, x], foreground: wanted.data[x] === label };
      return [label, click];
    }),
  );

/** Answers with all clicked voxels. */
async function echo({ objects }: Round) {
  const data = new Uint8Array(6);
  for (const { label, clicks } of objects) for (const { at, foreground } of clicks) if (foreground) data[at[2]] = label;
  return { labels: { data, shape }, seconds: 2 };
}

test("with boxes there are six answers, the first without clicks", async () => {
  const rounds: Round[] = [];
  const labels = [3, 44];
  const boxes = new Map([
    [3, box],
    [44, box],
  ] as const);
  const result = await simulation(truth, { labels, boxes, clickRule: firstError }, async (round) => {
    rounds.push(round);
    return echo(round);
  });
  expect(rounds.map((round) => round.interaction)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(rounds[0]!.objects).toEqual([
    { label: 3, box, clicks: [] },
    { label: 44, box, clicks: [] },
  ]);
  expect(result.hasBox).toBe(true);
  expect(result.maps).toHaveLength(6);
  expect(result.seconds).toEqual([2, 2, 2, 2, 2, 2]);
});

test("clicks of all labels come from the same last map, and a label without error gets none", async () => {
  const result = await simulation(truth, { labels: [3, 44], clickRule: firstError }, echo);
  const at = (x: number) => ({ at: [0, 0, x], foreground: true });
  expect(result.hasBox).toBe(false);
  expect(result.maps).toHaveLength(5);
  expect(result.clicks.get(3)).toEqual([at(1), at(2), undefined, undefined, undefined]);
  expect(result.clicks.get(44)).toEqual([at(4), undefined, undefined, undefined, undefined]);
  expect(result.maps.at(-1)).toEqual(truth);
});
