import { expect } from "vitest";
import { tf } from "../index.ts";

/** Runs a function and expects as many tensors after it as before, plus those that it is meant to leave. */
export function noLeaks<Result>(f: () => Result, leaves = 0): Result {
  const before = tf.memory().numTensors;
  const result = f();
  expect(tf.memory().numTensors - before, "tensors left behind").toBe(leaves);
  return result;
}
