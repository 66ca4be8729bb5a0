import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { percentile, percentiles } from "./percentile.ts";

describe("percentiles", () => {
  it("lie between the two nearest values", () => {
    // Of 4 values the 50th percentile is at rank 1.5: halfway between 2 and 10.
    expect(percentile([10, 1, 2, 40], 50)).toBe(6);
    expect(percentile([7], 99.5)).toBe(7);
  });

  it("do not exist where no value takes part", () => {
    expect(percentiles(new Float32Array(4), [50], { above: 0 })).toBeUndefined();
    expect(percentiles(Float32Array.of(Number.NaN, Infinity), [50])).toBeUndefined();
  });

  it("leave out what is not a number or not finite", () => {
    expect(percentiles(Float32Array.of(Number.NaN, 3, -Infinity, 1, Infinity), [0, 100])).toEqual([1, 3]);
    const doubles = Float64Array.of(Number.NaN, 3, -Infinity, 1, Infinity);
    expect(percentiles(doubles, [0, 50, 100])).toEqual([1, 2, 3]);
    expect(doubles).toEqual(Float64Array.of(Number.NaN, 3, -Infinity, 1, Infinity)); // As they were.
  });

  it("refuse a share that is not 0 to 100", () => {
    expect(() => percentile([1], 101)).toThrow("percentile: expected 0 to 100, got 101");
  });

  it.each([
    ["Uint8Array", Uint8Array, 0, 255],
    ["Int8Array", Int8Array, -128, 127],
    ["Uint16Array", Uint16Array, 0, 65535],
    ["Int16Array", Int16Array, -32768, 32767],
    ["Uint32Array", Uint32Array, 0, 4294967295],
    ["Int32Array", Int32Array, -2147483648, 2147483647],
  ] as const)("of %s are those of the same values sorted as float64", (_name, ArrayType, min, max) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min, max }), { minLength: 1 }), fc.integer({ min, max }), (values, above) => {
        const qs = [0, 0.5, 31, 50, 99.5, 100];
        expect(percentiles(ArrayType.from(values), qs)).toEqual(percentiles(values, qs));
        expect(percentiles(ArrayType.from(values), qs, { above })).toEqual(percentiles(values, qs, { above }));
      }),
    );
  });

  it("of Float32Array are those of the same values sorted as float64", () => {
    fc.assert(
      fc.property(fc.array(fc.float(), { minLength: 1 }), fc.float({ noNaN: true }), (list, above) => {
        const values = Float32Array.from(list);
        const same = (options: { above?: number }) => {
          const got = percentiles(values, [0, 0.5, 31, 50, 99.5, 100], options);
          const want = percentiles(Float64Array.from(values), [0, 0.5, 31, 50, 99.5, 100], options);
          expect(got?.map((value) => value + 0)).toEqual(want?.map((value) => value + 0));
        };
        same({});
        same({ above });
      }),
    );
  });
});
