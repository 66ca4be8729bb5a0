import { describe, expect, it } from "vitest";
import type { Zyx } from "../geometry/index.ts";
import { augment, drawAugmentation, drawBiasField, drawGaussianSmooth, drawHistogramShift } from "./augmentation.ts";
import { biasField } from "./biasField.ts";
import { gaussianSmooth } from "./gaussianSmooth.ts";
import { histogramShift } from "./histogramShift.ts";
import { randomStream } from "./random.ts";

const image = (shape: Zyx, value: (i: number) => number) => ({
  data: Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) => value(i)),
  shape,
});

describe("augmentation", () => {
  it("is used in half of the samples, each kind as often as the others", () => {
    const kinds = new Map<string, number>();
    const random = randomStream(3);
    for (let i = 0; i < 6000; i++) {
      const kind = drawAugmentation(random)?.kind ?? "none";
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    // 3000 without (deviation 39), 1000 of each (deviation 29); five deviations.
    expect(Math.abs(kinds.get("none")! - 3000)).toBeLessThan(195);
    for (const kind of ["biasField", "gaussianSmooth", "histogramShift"]) {
      expect(Math.abs(kinds.get(kind)! - 1000)).toBeLessThan(145);
    }
  });

  it("draws the authors' ranges", () => {
    for (let i = 0; i < 50; i++) {
      const random = randomStream(4, i);
      const bias = drawBiasField(random);
      const blur = drawGaussianSmooth(random);
      const shift = drawHistogramShift(random);
      if (bias.kind !== "biasField" || blur.kind !== "gaussianSmooth" || shift.kind !== "histogramShift")
        throw new Error();
      expect(bias.coefficients.length).toBe(20);
      expect(bias.coefficients.every((value) => value >= 0 && value < 0.1)).toBe(true);
      expect(blur.sigma.every((value) => value >= 0.25 && value < 1.5)).toBe(true);
      expect([shift.floating[0], shift.floating[9]]).toEqual([0, 1]);
      // Each point lies above the one before it and below the next one's reference.
      for (let k = 1; k < 9; k++) {
        expect(shift.floating[k]! >= shift.floating[k - 1]!).toBe(true);
        expect(shift.floating[k]! < (k + 1) / 9).toBe(true);
      }
    }
  });

  it("keeps values in [0, 1] and leaves its input alone", () => {
    const bright = image([3, 4, 5], () => 0.9);
    const before = bright.data.slice();
    const coefficients = new Array<number>(20).fill(0.1);
    expect(Math.max(...augment(bright, { kind: "biasField", coefficients }).data)).toBe(1);
    expect(bright.data).toEqual(before);
  });
});

describe("its parts", () => {
  it("a constant field multiplies by exp of its coefficient", () => {
    expect(
      biasField(
        image([1, 2, 3], () => 2),
        [Math.log(3)],
      ).data,
    ).toEqual(new Float32Array(6).fill(6));
    expect(() =>
      biasField(
        image([1, 1, 1], () => 2),
        [1, 2],
      ),
    ).toThrow("expected 1, 4, 10, 20, 35, ... coefficients, got 2");
  });

  it("a blur of sigma 0 changes nothing, and any other keeps the sum away from the border", () => {
    const impulse = image([9, 9, 9], (i) => (i === 364 ? 1 : 0));
    expect(gaussianSmooth(impulse, [0, 0, 0])).toEqual(impulse);
    const sum = gaussianSmooth(impulse, [0.5, 1, 0.8]).data.reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo(1, 3);
    expect(() => gaussianSmooth(impulse, [-1, 0, 0])).toThrow("sigma: expected 0 or more, got -1");
  });

  it("a histogram map with equal points changes nothing, nor does any on a constant image", () => {
    const ramp = image([1, 1, 5], (i) => i / 4);
    expect(histogramShift(ramp, [0, 0.5, 1], [0, 0.5, 1])).toEqual(ramp);
    const flat = image([1, 1, 5], () => 0.3);
    expect(histogramShift(flat, [0, 0.5, 1], [0, 0.9, 1])).toEqual(flat);
    expect(() => histogramShift(ramp, [0, 1], [0])).toThrow("at least 2, got 1 and 2");
  });
});
