import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream, restoreRandomStream } from "./random.ts";

const first = (stream: { uint32(): number }) => [stream.uint32(), stream.uint32(), stream.uint32()];

describe("random streams", () => {
  it("repeat for the same seed and names, and differ for any others", () => {
    const starts = [
      randomStream(1),
      randomStream(2),
      randomStream(1, "sample"),
      randomStream(1, "sample", 0),
      randomStream(1, "sample", "0"),
      randomStream(1, "sample", 0, 1),
      randomStream(1, "sample", 1, 0),
      randomStream([1, 2]),
      randomStream([12]),
      randomStream(1, "ab", "c"),
      randomStream(1, "a", "bc"),
    ].map((stream) => first(stream).join());
    expect(new Set(starts).size).toBe(starts.length);
    expect(first(randomStream(1, "sample", 0)).join()).toBe(starts[3]);
  });

  it("always give these numbers, so that runs can be repeated years later", () => {
    expect(first(randomStream(2025, "sample", 3, 14))).toEqual([3093736229, 1112147014, 1068676666]);
  });

  it("go on from a saved state, also through JSON", () => {
    const stream = randomStream(5, "shuffle");
    first(stream);
    const restored = restoreRandomStream(JSON.parse(JSON.stringify(stream.state())));
    expect(first(restored)).toEqual(first(stream));
    expect(() => restoreRandomStream([0, 0, 0, 0])).toThrow("expected four integers that are not all 0");
    expect(() => randomStream(Number.NaN)).toThrow("expected finite seeds and names");
  });

  it("give integers in range, every one of them about as often", () => {
    const stream = randomStream(7);
    const counts = new Array<number>(6).fill(0);
    for (let i = 0; i < 6000; i++) counts[stream.int(10, 16) - 10]!++;
    // Expected 1000 each, deviation 29: five deviations are 144.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(144);
    expect(() => stream.int(3, 3)).toThrow("int: expected integers low < high");
  });

  it("give numbers in [low, high) with the right mean, and normal ones with mean 0 and deviation 1", () => {
    const stream = randomStream(11);
    let [sum, normalSum, normalSquares] = [0, 0, 0];
    for (let i = 0; i < 10000; i++) {
      const value = stream.uniform(2, 4);
      expect(value >= 2 && value < 4).toBe(true);
      sum += value;
      const normal = stream.normal();
      normalSum += normal;
      normalSquares += normal * normal;
    }
    expect(sum / 10000).toBeCloseTo(3, 1);
    expect(Math.abs(normalSum / 10000)).toBeLessThan(0.05);
    expect(Math.abs(normalSquares / 10000 - 1)).toBeLessThan(0.07);
  });

  it("shuffle without losing an item or changing the list", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
        const before = [...items];
        const shuffled = randomStream(seed).shuffle(items);
        expect(items).toEqual(before);
        expect([...shuffled].sort((a, b) => a - b)).toEqual(before.sort((a, b) => a - b));
      }),
    );
  });
});
