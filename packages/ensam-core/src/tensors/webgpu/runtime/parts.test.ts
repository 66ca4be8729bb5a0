import fc from "fast-check";
import { expect, test } from "vitest";
import { partBytesOf, partSizes, stretches } from "./parts.ts";

test("what fits into a buffer is one part, what does not is in parts of a power of two", () => {
  expect(partBytesOf(2 ** 31 - 4)).toBe(2 ** 30);
  expect(partSizes(1000, 1000)).toEqual([1000]);
  expect(partSizes(1004, 1000)).toEqual([512, 492]);
  expect(partSizes(1024, 512)).toEqual([512, 512]);
  expect(partSizes(2 ** 31, 2 ** 31 - 4)).toEqual([2 ** 30, 2 ** 30]);
});

test("stretches take every slab once, in order, and name the parts that it lies in, two where a slab fits into one", () => {
  const sizes = fc.integer({ min: 1, max: 5000 });
  fc.assert(
    fc.property(sizes, sizes, fc.integer({ min: 4, max: 11 }), (count, perSlab, exponent) => {
      const perPart = 2 ** exponent;
      let next = 0;
      for (const { firstSlab, slabs, firstPart, parts } of stretches(count, perSlab, perPart)) {
        expect(firstSlab).toBe(next);
        next += slabs;
        expect(firstSlab * perSlab).toBeGreaterThanOrEqual(firstPart * perPart);
        expect(Math.min(next * perSlab, count)).toBeLessThanOrEqual((firstPart + parts) * perPart);
        expect((firstPart + parts - 1) * perPart).toBeLessThan(count);
        if (perSlab <= perPart) expect(parts).toBeLessThanOrEqual(2);
      }
      expect(next).toBe(Math.ceil(count / perSlab));
    }),
  );
  // Slabs of 3 in parts of 4: 0-2 | 3-5 | 6-8 | 9: the first two lie in parts 0 and 1, the others in 1 and 2.
  expect(stretches(10, 3, 4)).toEqual([
    { firstSlab: 0, slabs: 2, firstPart: 0, parts: 2 },
    { firstSlab: 2, slabs: 2, firstPart: 1, parts: 2 },
  ]);
});
