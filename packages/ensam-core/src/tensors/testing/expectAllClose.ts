import { expect } from "vitest";

interface Closeness {
  /** Allowed difference as a fraction of the expected value. */
  readonly rtol?: number;
  /** Allowed difference besides. */
  readonly atol?: number;
}

/** Expects numbers equal by NumPy's rule, `|got - expected| <= atol + rtol |expected|`; NaN equals only NaN. */
export function expectAllClose(
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  { rtol = 1e-5, atol = 1e-6 }: Closeness = {},
): void {
  expect(got.length, "count of numbers").toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [got[i]!, expected[i]!];
    const isClose = Object.is(a, b) || a === b || Math.abs(a - b) <= atol + rtol * Math.abs(b);
    expect(isClose, `number ${i}: expected ${b}, got ${a}`).toBe(true);
  }
}
