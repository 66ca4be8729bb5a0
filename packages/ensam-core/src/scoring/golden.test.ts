import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Grid, LabelMap, Mask, Zyx } from "../voxels/index.ts";
import { gridOf, readJsonFixture, readNpzFixture } from "../voxels/testing/fixtures.ts";
import { caseScores } from "./caseScores.ts";
import { type ChallengeRow, challengeCsv } from "./challengeCsv.ts";
import { dice } from "./dice.ts";
import { scoreLabelMaps } from "./labelScores.ts";
import { scoringSpacing } from "./spacingRule.ts";
import { surfaceAreas } from "./surfaceArea.ts";
import { surfaceDice } from "./surfaceDice.ts";

const fixture = (path: string) => new URL(`./fixtures/evaluator/${path}`, import.meta.url);

describe("surface areas, against the official table", () => {
  const table = readJsonFixture<Record<string, number[]>>(fixture("expected/surface_area_by_code.json"));

  it.each(Object.keys(table).filter((key) => key.startsWith("spacing_")))("%s", (key) => {
    const spacing = key.split("_").slice(1).map(Number) as unknown as Zyx;
    const areas = surfaceAreas(spacing);
    expect(table[key]!.length).toBe(256);
    table[key]!.forEach((area, code) => {
      expect(Math.abs(areas[code]! - area)).toBeLessThanOrEqual(1e-12);
    });
  });
});

describe("surface Dice of boxes, against the official functions", () => {
  interface Case {
    name: string;
    shape: Zyx;
    spacing: Zyx;
    gt_boxes: [number, number][][];
    pred_boxes: [number, number][][];
    dice: number | null;
    nsd_1: number | null;
    nsd_2: number | null;
  }
  const cases = readJsonFixture<Case[]>(fixture("expected/surface_dice_unit_cases.json"));

  it.each(cases)("$name", ({ shape, spacing, gt_boxes, pred_boxes, ...expected }) => {
    const truth = boxesMask(shape, gt_boxes);
    const prediction = boxesMask(shape, pred_boxes);
    expect(dice(truth, prediction)).toBe(expected.dice ?? Number.NaN);
    for (const [tolerance, nsd] of [
      [1, expected.nsd_1],
      [2, expected.nsd_2],
    ] as const) {
      const got = surfaceDice(truth, prediction, spacing, tolerance);
      if (nsd === null) expect(got).toBeNaN();
      else expect(Math.abs(got - nsd)).toBeLessThanOrEqual(1e-12);
    }
  });
});

describe("scores of the toy model, against the official evaluator", () => {
  interface Case {
    spacing_as_stored: [number, number, number];
    per_call: { label: number; dsc: number; nsd: number }[][];
  }
  const perClass = readJsonFixture<Record<string, Case>>(fixture("expected/per_class.json"));
  const boxes = readJsonFixture<Record<string, object[] | null>>(fixture("boxes.json"));
  const csv = readFileSync(fixture("expected/toyteam_v1_metrics.csv"), "utf8");
  const [header, ...lines] = csv.trimEnd().split("\n");
  const files = Object.keys(perClass).sort();

  const callsOf = (file: string) => {
    const truth = gridOf(readNpzFixture(fixture(`gts/${file}`)), "gts") as LabelMap;
    const all = readNpzFixture(fixture(`expected/${file}`)).get("all_segs")!;
    const size = truth.data.length;
    const spacing = scoringSpacing(perClass[file]!.spacing_as_stored, "challenge");
    return perClass[file]!.per_call.map((_, call) => {
      const data = (all.data as Uint8Array).subarray(call * size, (call + 1) * size);
      return scoreLabelMaps(truth, { data, shape: truth.shape }, spacing);
    });
  };

  it.each(files)("%s: Dice to the bit, surface Dice to 1e-12", (file) => {
    const calls = callsOf(file);
    perClass[file]!.per_call.forEach((classes, call) => {
      expect(calls[call]!.map(({ label, dsc }) => ({ label, dsc }))).toEqual(
        classes.map(({ label, dsc }) => ({ label, dsc })),
      );
      classes.forEach(({ nsd }, i) => {
        expect(Math.abs(calls[call]![i]!.nsd - nsd)).toBeLessThanOrEqual(1e-12);
      });
    });
  });

  const rows: ChallengeRow[] = files.map((file, i) => {
    const hasBox = boxes[file] !== null;
    const measured = lines[i]!.split(",").slice(2, 8).map(Number);
    const calls = callsOf(file);
    const scores = caseScores({ calls, hasBox, seconds: hasBox ? measured : measured.slice(1) });
    return { caseName: file, hasBox, classCount: calls[0]!.length, ...scores };
  });

  it("writes the evaluator's table: NSD columns to 1e-12, all others to the byte", () => {
    const ours = challengeCsv(rows).trimEnd().split("\n");
    expect(ours[0]).toBe(header);
    expect(ours.length).toBe(7);
    const columns = header!.split(",");
    lines.forEach((line, i) => {
      const got = ours[i + 1]!.split(",");
      line.split(",").forEach((want, column) => {
        const name = columns[column]!;
        if (name.startsWith("NSD")) expect(Math.abs(Number(got[column]) - Number(want))).toBeLessThanOrEqual(1e-12);
        else if (name === "TotalRunningTime") expect(Number(got[column])).toBeCloseTo(Number(want), 12);
        else expect([name, got[column]]).toEqual([name, want]);
      });
    });
  });
});

function boxesMask(shape: Zyx, boxes: readonly (readonly [number, number][])[]): Mask {
  const mask: Grid<Uint8Array> = { data: new Uint8Array(shape[0] * shape[1] * shape[2]), shape };
  for (const [zs, ys, xs] of boxes as [[number, number], [number, number], [number, number]][]) {
    for (let z = zs[0]; z < zs[1]; z++) {
      for (let y = ys[0]; y < ys[1]; y++) {
        const row = (z * shape[1] + y) * shape[2];
        mask.data.fill(1, row + xs[0], row + xs[1]);
      }
    }
  }
  return mask;
}
