import { expect, test } from "vitest";
import { mersenneTwister } from "./mersenneTwister.ts";

test("the first numbers are numpy's, and the ten thousandth is the one that the C++ standard demands", () => {
  // numpy.random.RandomState(42).randint(0, 2**32, 3, dtype="uint32")
  const next = mersenneTwister(42);
  expect([next(), next(), next()]).toEqual([1608637542, 3421126067, 4083286876]);
  const standard = mersenneTwister(5489);
  for (let i = 1; i < 10_000; i++) standard();
  expect(standard()).toBe(4123659995);
});
