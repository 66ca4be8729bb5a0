import { expect, test } from "vitest";
import { sampleUser } from "./sampleUser.ts";
import { ballSample } from "./testing/ballSample.ts";

const sample = ballSample();
const maskOf = (isForeground: (i: number) => boolean) =>
  Uint8Array.from({ length: sample.volume.length }, (_, i) => (isForeground(i) ? 1 : 0));

test("the box comes first, then the first click goes to the middle of what was missed", async () => {
  const user = sampleUser(sample, 5);
  // 14 voxels of content: centre 7, radius 4, so 3 to 11 inclusive
  expect(await user.ask()).toEqual({ label: 1, box: { min: [3, 3, 3], max: [12, 12, 12] }, clicks: [] });
  user.see(maskOf(() => false));
  expect(user.dsc).toEqual([0]);
  expect((await user.ask())!.clicks).toEqual([{ at: [7, 7, 7], foreground: true }]);
});

test("background that was taken gets a background click inside of the content, never in the padding", async () => {
  const user = sampleUser(sample, 5);
  await user.ask();
  user.see(maskOf(() => true));
  const { clicks } = (await user.ask())!;
  const [click] = clicks;
  expect(click!.foreground).toBe(false);
  for (const axis of [0, 1, 2]) expect(click!.at[axis]!).toBeLessThan(14);
  // The mask is the whole content: 2 * ball / (ball + 14^3)
  const ball = sample.target.reduce((sum, value) => sum + value, 0);
  expect(user.dsc[0]).toBeCloseTo((2 * ball) / (ball + 14 ** 3), 12);
});

test("a perfect mask gives no click, and the prompts stay as they were", async () => {
  const user = sampleUser(sample, 5);
  await user.ask();
  user.see(maskOf(() => false));
  const before = await user.ask();
  user.see(maskOf((i) => sample.target[i] === 1));
  expect(user.dsc.at(-1)).toBe(1);
  expect(await user.ask()).toEqual(before);
});

test("without a box the first click comes from the empty mask", async () => {
  const { box: _, ...withoutBox } = sample;
  const user = sampleUser(withoutBox, 2);
  expect([user.rounds, user.dsc]).toEqual([2, [undefined]]);
  const prompts = (await user.ask())!;
  expect(prompts.box).toBeUndefined();
  expect(prompts.clicks).toEqual([{ at: [7, 7, 7], foreground: true }]);
});
