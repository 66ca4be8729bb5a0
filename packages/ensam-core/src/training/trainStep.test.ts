import { expect, test } from "vitest";
import { ballSample } from "./testing/ballSample.ts";
import { simulate } from "./trainStep.ts";

const sample = ballSample();
const maskOf = (isForeground: (i: number) => boolean) =>
  Uint8Array.from({ length: sample.volume.length }, (_, i) => (isForeground(i) ? 1 : 0));

test("the box comes first, with inclusive corners; the first click goes to the middle of what was missed", () => {
  const user = simulate(sample);
  // 14 voxels of content: centre 7, radius 4, so 3 to 11 inclusive
  expect(user.promptsFor(0)).toEqual({ box: { low: [3, 3, 3], high: [11, 11, 11] }, clicks: [] });
  user.take(maskOf(() => false));
  expect(user.dsc).toEqual([0]);
  expect(user.promptsFor(1).clicks).toEqual([{ at: [7, 7, 7], foreground: true }]);
});

test("background that was taken gets a background click inside of the content, never in the padding", () => {
  const user = simulate(sample);
  user.take(maskOf(() => true));
  const [click] = user.promptsFor(1).clicks;
  expect(click!.foreground).toBe(false);
  for (const axis of [0, 1, 2]) expect(click!.at[axis]!).toBeLessThan(14);
  // The mask is the whole content: 2 * ball / (ball + 14^3)
  const ball = sample.target.reduce((sum, value) => sum + value, 0);
  expect(user.dsc[0]).toBeCloseTo((2 * ball) / (ball + 14 ** 3), 12);
});

test("a perfect mask gives no click, and the prompts stay as they were", () => {
  const user = simulate(sample);
  user.take(maskOf(() => false));
  const before = user.promptsFor(1);
  user.take(maskOf((i) => sample.target[i] === 1));
  expect(user.dsc.at(-1)).toBe(1);
  expect(user.promptsFor(2)).toEqual(before);
});

test("without a box the first click comes from the empty mask", () => {
  const { box: _, ...withoutBox } = sample;
  const prompts = simulate(withoutBox).promptsFor(1);
  expect(prompts.box).toBeUndefined();
  expect(prompts.clicks).toEqual([{ at: [7, 7, 7], foreground: true }]);
});
