import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { textPool } from "./textPool.ts";

/** Any code units, lone halves of pairs too: JSON may hold them. */
const texts = fc.array(
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 6 }).map((units) => String.fromCharCode(...units)),
);

function poolOf(list: readonly string[], hash?: Parameters<typeof textPool>[0]) {
  const pool = textPool(hash);
  for (const text of list) pool.add(text);
  return pool;
}

describe("a pool of texts", () => {
  test("keeps each once, and gives them back", () => {
    fc.assert(
      fc.property(texts, (list) => {
        const once = [...new Set(list)];
        const pool = poolOf([...list, ...list]);
        expect(Array.from({ length: pool.size }, (_, i) => pool.at(i))).toEqual(once);
        expect(list.map(pool.find)).toEqual(list.map((text) => once.indexOf(text)));
      }),
    );
  });

  test("tells texts of one hash apart", () => {
    const list = ["a", "ab", "b", "", "\ud800", "\udc00", "\ufffd", "é", "e\u0301"];
    const pool = poolOf(list, () => 7);
    expect(list.map(pool.find)).toEqual(list.map((_, i) => i));
    expect(["abc", "A", "\ud801"].map(pool.find)).toEqual([undefined, undefined, undefined]);
  });

  test("has the order of code units", () => {
    fc.assert(
      fc.property(texts, (list) => {
        const pool = poolOf(list);
        for (const [a, b] of list.map((text, i) => [text, list[(i + 1) % list.length]!] as const)) {
          expect(Math.sign(pool.compare(pool.find(a)!, pool.find(b)!))).toBe(a < b ? -1 : a > b ? 1 : 0);
        }
      }),
    );
  });

  test("holds very many, and one longer than its blocks", () => {
    const list = Array.from({ length: 70_000 }, (_, i) => `MR_a_set_of_some_length_case_${i}`); // 2.5 MB: three blocks
    list.splice(5, 0, "x".repeat(3 << 20));
    const pool = textPool();
    // Found as soon as it is there, also where the table has just grown.
    expect(list.every((text, i) => pool.add(text) === i && pool.find(text) === i)).toBe(true);
    expect(list.every((text, i) => pool.find(text) === i && pool.at(i) === text)).toBe(true);
    expect(pool.find("MR_a_set_of_some_length_case_70000")).toBeUndefined();
  });
});
