import { describe, expect, it } from "vitest";
import type { Zyx } from "../geometry/index.ts";
import { biasField, biasFieldFactor } from "./biasField.ts";
import { components26, largestComponent26 } from "./components.ts";
import { squaredDistance } from "./distance.ts";
import { squaredDistanceInside } from "./distanceInside.ts";
import { gaussianKernel, gaussianSmooth } from "./gaussianSmooth.ts";
import type { Mask } from "./grid.ts";
import { histogramShift } from "./histogramShift.ts";
import { toEightBit } from "./intensity.ts";
import { percentiles } from "./percentile.ts";
import { maskRuns } from "./runs.ts";
import { gridOf, readJsonFixture, readNpzFixture } from "./testing/fixtures.ts";

const fixture = (path: string) => new URL(`./fixtures/${path}`, import.meta.url);

describe("intensity, against numpy's values of the organisers' recipe", () => {
  interface Case {
    name: string;
    kind: "CT" | "other";
    window_level: number;
    window_width: number;
    lo?: number;
    hi?: number;
    min?: number;
    max?: number;
  }
  const { cases } = readJsonFixture<{ cases: Case[] }>(fixture("intensity/cases.json"));
  const inputs = readNpzFixture(fixture("intensity/inputs.npz"));
  const expected = readNpzFixture(fixture("intensity/expected.npz"));

  it.each(cases)("brings $name to the same bytes", ({ name, kind, window_level, window_width, lo, hi, min, max }) => {
    const window = kind === "CT" ? { level: window_level, width: window_width } : undefined;
    const { grid, rule } = toEightBit(gridOf(inputs, name), window);
    expect(grid.data).toEqual(gridOf(expected, name).data);
    if (min !== undefined && rule.range !== undefined) {
      expect(rule.clip![0]).toBeCloseTo(lo!, 10);
      expect(rule.clip![1] / hi!).toBeCloseTo(1, 12);
      expect(rule.range[0]).toBeCloseTo(min, 10);
      expect(rule.range[1] / max!).toBeCloseTo(1, 12);
    }
  });

  it("finds numpy's percentiles", () => {
    interface List {
      q: number[];
      /** null stands for the list whose values are given by a formula. */
      values: number[] | null;
      expected: number[];
    }
    const lists = readJsonFixture<{ percentiles: List[] }>(fixture("intensity/percentiles.json")).percentiles;
    expect(lists.length).toBe(14);
    for (const { q, values, expected } of lists) {
      const list = values ?? Array.from({ length: 4097 }, (_, i) => ((i * 7919) % 4097) / 8);
      const got = percentiles(list, q)!;
      got.forEach((value, i) => {
        expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(1e-12 * Math.abs(expected[i]!));
      });
    }
  });
});

describe("augmentation, against MONAI's values", () => {
  interface Case {
    name: string;
    transform: "bias_field" | "gaussian_smooth" | "histogram_shift";
    image: string;
    coefficients: number[];
    field: string;
    sigma: Zyx;
    kernels: number[][];
    reference: number[];
    floating: number[];
  }
  const cases = readJsonFixture<Case[]>(fixture("augment/cases.json"));
  const arrays = readNpzFixture(fixture("augment/arrays.npz"));
  const near = (got: ArrayLike<number>, want: ArrayLike<number>) => {
    const largest = Array.from(want).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(got.length).toBe(want.length);
    for (let i = 0; i < want.length; i++) expect(Math.abs(got[i]! - want[i]!)).toBeLessThanOrEqual(2e-6 * largest);
  };

  it.each(cases)("gives $name", (one) => {
    const image = gridOf<Float32Array>(arrays, one.image);
    const expected = gridOf<Float32Array>(arrays, one.name);
    if (one.transform === "bias_field") {
      near(biasFieldFactor(image.shape, one.coefficients).data, gridOf(arrays, one.field).data);
      near(biasField(image, one.coefficients).data, expected.data);
    } else if (one.transform === "gaussian_smooth") {
      one.kernels.forEach((kernel, axis) => {
        near(gaussianKernel(one.sigma[axis]!), kernel);
      });
      near(gaussianSmooth(image, one.sigma).data, expected.data);
    } else {
      near(histogramShift(image, one.reference, one.floating).data, expected.data);
    }
  });
});

describe("components, against scipy and connected-components-3d", () => {
  interface Case {
    name: string;
    sizes: number[];
    largest_label?: number;
    largest_size?: number;
    first_voxel: number[];
  }
  const { cases } = readJsonFixture<{ cases: Case[] }>(fixture("components/cases.json"));
  const arrays = readNpzFixture(fixture("components/arrays.npz"));

  it.each(cases)("numbers those of $name alike", ({ name, sizes, largest_label, largest_size }) => {
    const mask = gridOf<Uint8Array>(arrays, name);
    const found = components26(mask);
    expect(found.sizes).toEqual(sizes);
    expect(found.labels.data).toEqual(Int32Array.from(gridOf(arrays, `${name}_labels26`).data));
    const largest = largestComponent26(maskRuns(mask));
    expect(largest?.voxels).toBe(largest_size);
    if (largest !== undefined) {
      const first = found.labels.data.indexOf(largest_label!);
      const [, height, width] = mask.shape;
      expect(largest.box.min[0]).toBe(Math.floor(first / (height * width)));
      expect(largest.mask.data.filter((value) => value === 1).length).toBe(largest_size);
    }
  });
});

describe("distances, against scipy", () => {
  interface Case {
    name: string;
    spacings: { spacing: Zyx; sum: number; max: number; sample_index?: number[]; sample?: number[] }[];
  }
  const { cases } = readJsonFixture<{ cases: Case[] }>(fixture("edt/cases.json"));
  const arrays = readNpzFixture(fixture("edt/arrays.npz"));

  it.each(cases)("inside $name, beyond the volume is outside", ({ name }) => {
    const got = squaredDistanceInside(gridOf<Uint8Array>(arrays, name) as Mask);
    expect(got.data).toEqual(Int32Array.from(gridOf(arrays, `${name}_d2`).data));
  });

  it.each(cases)("of $name with spacing, open border", ({ name, spacings }) => {
    spacings.forEach(({ spacing, sum, max, sample_index, sample }, i) => {
      const got = squaredDistance(gridOf<Uint8Array>(arrays, name), spacing).data;
      const near = (value: number, want: number) =>
        expect(Math.abs(value - want)).toBeLessThanOrEqual(1e-12 * Math.abs(want));
      near(
        got.reduce((a, b) => a + b, 0),
        sum,
      );
      near(
        got.reduce((a, b) => Math.max(a, b), 0),
        max,
      );
      sample_index?.forEach((index, k) => {
        near(got[index]!, sample![k]!);
      });
      arrays.get(`${name}_d2_open_${i}`)?.data.forEach((want, k) => {
        near(got[k]!, want);
      });
    });
  });
});
