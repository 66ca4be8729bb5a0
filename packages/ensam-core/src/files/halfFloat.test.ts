import { expect, test } from "vitest";
import { fromHalf, toHalf } from "./halfFloat.ts";

test("words of known values: IEEE 754-2008, binary16", () => {
  const known: [number, number][] = [
    [0, 0x0000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [2 ** -14, 0x0400], // the smallest normal half
    [2 ** -24, 0x0001], // the smallest of all
    [2 ** -25, 0x0000], // a tie, to even
    [1 + 2 ** -11, 0x3c00], // a tie between 1 and 1 + 2^-10, to even
    [1 + 3 * 2 ** -11, 0x3c02],
    [1 / 3, 0x3555],
    [-Infinity, 0xfc00],
  ];
  for (const [value, word] of known) expect(toHalf(Float32Array.of(value))[0], String(value)).toBe(word);
});

test("every half comes back from its value", () => {
  const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const values = fromHalf(all);
  const back = toHalf(values);
  for (const word of all) {
    if (Number.isNaN(values[word]!)) expect(Number.isNaN(fromHalf(back.subarray(word, word + 1))[0]!)).toBe(true);
    else if (back[word] !== word) expect(back[word], `${word}`).toBe(word);
  }
});
