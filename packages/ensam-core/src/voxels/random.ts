import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import { streamState } from "./streamState.ts";

/** A source of random numbers that always gives the same sequence for the same seed and names. */
export interface RandomStream {
  /** An integer from 0 to 2^32 - 1. */
  uint32(): number;
  /** An integer from `low` to `highExclusive - 1`, all equally likely. */
  int(low: number, highExclusive: number): number;
  /** A number in [0, 1), 53 bits. */
  float(): number;
  /** A number in [low, high). */
  uniform(low: number, high: number): number;
  /** A number from the normal distribution of mean 0 and deviation 1. */
  normal(): number;
  /** A copy of the items in random order. */
  shuffle<T>(items: readonly T[]): T[];
  /** Four 32-bit integers; {@link restoreRandomStream} goes on from there. */
  state(): readonly number[];
}

/**
 * A stream of its own for each seed and list of names: `randomStream(seed, "sample", epoch, index)` does not depend on
 * how many numbers any other stream has given. xoroshiro128+ by the package pure-rand, started from a hash of the
 * names.
 */
export function randomStream(seed: number | readonly number[], ...names: readonly (string | number)[]): RandomStream {
  return restoreRandomStream(streamState(typeof seed === "number" ? [seed] : seed, names));
}

/** A stream that goes on from a saved state. */
export function restoreRandomStream(state: readonly number[]): RandomStream {
  if (state.length !== 4 || !state.every(Number.isInteger) || state.every((word) => (word | 0) === 0)) {
    throw new Error(`restoreRandomStream: expected four integers that are not all 0, got [${state}]`);
  }
  const generator = xoroshiro128plusFromState(state.map((word) => word | 0));
  const uint32 = () => generator.next() >>> 0;
  // 27 and 26 of the upper bits: the lowest ones of xoroshiro128+ are the weakest.
  const float = () => ((uint32() >>> 5) * 67108864 + (uint32() >>> 6)) / 9007199254740992;

  function int(low: number, highExclusive: number): number {
    const choices = highExclusive - low;
    if (!Number.isInteger(low) || !Number.isInteger(choices) || choices < 1 || choices > 4294967296) {
      throw new Error(`int: expected integers low < high, at most 2^32 apart, got ${low} and ${highExclusive}`);
    }
    // Draws past the last full multiple are thrown away, so that no value is more likely than another.
    const perChoice = Math.floor(4294967296 / choices);
    let drawn = uint32();
    while (drawn >= perChoice * choices) drawn = uint32();
    return low + Math.floor(drawn / perChoice);
  }

  return {
    uint32,
    int,
    float,
    uniform: (low, high) => low + (high - low) * float(),
    // Box and Muller; the second of the pair is not kept, so that the state is four numbers and nothing else.
    normal: () => Math.sqrt(-2 * Math.log(1 - float())) * Math.cos(2 * Math.PI * float()),
    shuffle(items) {
      const shuffled = [...items];
      for (let last = shuffled.length - 1; last > 0; last--) {
        const other = int(0, last + 1);
        [shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!];
      }
      return shuffled;
    },
    state: () => generator.getState(),
  };
}
