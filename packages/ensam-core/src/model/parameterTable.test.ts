import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  checkConfig,
  costs,
  deepened,
  initParameters,
  parameterCounts,
  parameterTable,
  presets,
  totalCosts,
  unitAxes,
} from "./index.ts";
import { readFixture } from "./testing/tinyCase.ts";

interface Table {
  total: number;
  components: Record<string, number>;
  tensors: { name: string; shape: number[] }[];
}

/** A poor random source, but ours: the tests need no other. */
function source(seed: number) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return {
    uniform: (low: number, high: number) => low + (high - low) * next(),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}

describe("parameters", () => {
  test.each(["paper", "tiny"] as const)("the %s table is the golden one, in its order", (preset) => {
    const golden = readFixture<Table>(`${preset}_parameters.json`);
    const rows = parameterTable(presets[preset]);
    expect(rows.map(({ name, shape }) => ({ name, shape }))).toEqual(
      golden.tensors.map(({ name, shape }) => ({ name, shape })),
    );
    expect(parameterCounts(presets[preset])).toEqual({ ...golden.components, total: golden.total });
  });

  test("the article's model has 5,504,625 parameters, the small one 938,361", () => {
    expect(parameterCounts(presets.paper).total).toBe(5_504_625);
    expect(parameterCounts(presets.small).total).toBe(938_361);
  });

  test("every preset and ablation fits together", () => {
    for (const preset of Object.values(presets)) {
      for (const position of ["liere", "rope", "absolute"] as const) {
        for (const attention of ["ngpt", "standard"] as const) {
          const config = checkConfig({ ...preset, position, attention });
          const names = parameterTable(config).map((row) => row.name);
          expect(new Set(names).size).toBe(names.length);
        }
      }
    }
    expect(() => checkConfig({ ...presets.tiny, heads: 3 })).toThrow(
      "config: generatorSize: expected embedDim / heads = 10.666666666666666, got 16",
    );
  });

  test("a level deeper has a stage, two more convolutions, and the same rotations; others are refused", () => {
    const config = checkConfig(deepened(presets.paper));
    const rows = new Map(parameterTable(config).map(({ name, shape }) => [name, shape]));
    expect(rows.get("encoder.downs.3.weight")).toEqual([256, 128, 3, 3, 3]);
    expect(rows.get("encoder.stages.4.blocks.3.conv2.weight")).toEqual([256, 256, 3, 3, 3]);
    expect(rows.get("mask_encoder.convs.3.weight")).toEqual([128, 64, 2, 2, 2]);
    expect(rows.get("decoder.stages.0.conv1.weight")).toEqual([128, 384, 3, 3, 3]);
    expect(rows.get("decoder.stages.3.conv2.weight")).toEqual([16, 16, 3, 3, 3]);
    expect(rows.get("position.generators")).toEqual([3, 32, 32]);
    // A stage costs an eighth of the voxels and four times the products of the one above: half as much.
    const { encoder } = costs(config, [32, 32, 32], 7);
    expect(encoder["stages.4"]! / encoder["stages.3"]!).toBe(0.5);
    expect(() => costs(config, [32, 32, 24], 7)).toThrow("multiples of 16");
    expect(() => checkConfig(deepened(config))).toThrow("config: filters: expected 4 or 5 numbers, got 6");
    expect(() => checkConfig({ ...config, maskFilters: [16, 32, 64] })).toThrow("maskFilters: expected 4 numbers, got 3");
    expect(() => checkConfig({ ...presets.tiny, coordinates: "inch" as never })).toThrow(
      "config: coordinates: expected voxels or mm, got inch",
    );
  });

  test("initial values keep their bounds, and vectors along the unit axis have unit length", () => {
    const config = presets.tiny;
    const values = initParameters(config, source(7));
    const bound = 1 / Math.sqrt(4 * 27); // encoder.stages.0.blocks.0.conv1: 4 input channels, 27 taps
    for (const value of values["encoder.stages.0.blocks.0.conv1.weight"]!) expect(Math.abs(value)).toBeLessThan(bound);
    expect(values["decoder.head.bias"]).toEqual(Float32Array.of(-5));
    expect(values["interaction.blocks.1.mlp.alpha"]![0]).toBeCloseTo(1 / Math.sqrt(32), 7);
    const axes = unitAxes(config);
    expect(Object.keys(axes).length).toBe(2 + 2 * (3 * 4 + 2)); // two tables; per block three attentions of 4 and an MLP of 2
    const { shape } = parameterTable(config).find((row) => row.name === "interaction.blocks.0.mlp.down.weight")!;
    const [rows, columns] = shape as [number, number];
    const down = values["interaction.blocks.0.mlp.down.weight"]!;
    for (let j = 0; j < columns; j++) {
      let squares = 0;
      for (let i = 0; i < rows; i++) squares += down[i * columns + j]! ** 2;
      expect(squares).toBeCloseTo(1, 5);
    }
  });

  test("the standard transformer keeps no unit vectors", () => {
    expect(unitAxes({ ...presets.tiny, attention: "standard" })).toEqual({});
  });
});

describe("costs", () => {
  test("multiply-accumulates are the golden ones, part by part", () => {
    type Golden = Record<
      "paper" | "tiny",
      {
        shape: [number, number, number];
        promptTokens: number;
        macs: ReturnType<typeof costs>;
        totals: Record<string, number>;
        total: number;
      }[]
    >;
    const golden = readFixture<Partial<Golden>>("costs.json");
    for (const [preset, cases] of Object.entries(golden)) {
      for (const { shape, promptTokens, macs, totals, total } of cases) {
        const own = costs(presets[preset as "paper" | "tiny"], shape, promptTokens);
        expect(own).toEqual(macs);
        expect(totalCosts(own)).toEqual({ ...totals, total });
      }
    }
    // 87,760 for a voxel: the article's 368 G at its largest volume.
    const { encoder, decoder } = totalCosts(costs(presets.paper, [256, 128, 128], 7));
    expect((encoder + decoder) / (256 * 128 * 128)).toBe(87_760);
  });

  test("convolutions cost in proportion to the volume", () => {
    const axis = fc.integer({ min: 1, max: 8 }).map((n) => 8 * n);
    fc.assert(
      fc.property(axis, axis, axis, (d, h, w) => {
        const [one, two] = [costs(presets.tiny, [d, h, w], 3), costs(presets.tiny, [2 * d, h, w], 3)].map(totalCosts);
        expect(two!.decoder).toBe(2 * one!.decoder);
        expect(two!.encoder).toBe(2 * one!.encoder);
      }),
    );
    expect(() => costs(presets.tiny, [8, 8, 9], 1)).toThrow(
      "costs: shape: expected positive multiples of 8, got [8, 8, 9]",
    );
  });
});
