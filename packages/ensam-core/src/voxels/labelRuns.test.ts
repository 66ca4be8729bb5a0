import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Zyx } from "../geometry/index.ts";
import { boundingBox } from "./boundingBox.ts";
import type { LabelMap } from "./grid.ts";
import { labelBoxes } from "./labelBoxes.ts";
import { labelErrorRuns, labelRuns } from "./labelRuns.ts";
import { maskOf, maskVoxels } from "./mask.ts";
import { maskRuns, paintRuns, type Runs } from "./runs.ts";
import { anyLabels, anyMask, twoLabelMaps } from "./testing/arbitraries.ts";

describe("labels of a volume", () => {
  it("have the boxes and counts that looking at each alone gives, in ascending order", () => {
    fc.assert(
      fc.property(anyLabels, (labels) => {
        const present = [...new Set(labels.data)].filter((label) => label !== 0).sort((a, b) => a - b);
        const boxes = labelBoxes(labels);
        expect([...boxes.keys()]).toEqual(present);
        for (const [label, { box, voxels }] of boxes) {
          expect(box).toEqual(boundingBox(labels, (value) => value === label));
          expect(voxels).toBe(maskVoxels(maskOf(labels, label)));
          expect(maskVoxels(maskOf(labels, label, box))).toBe(voxels);
        }
      }),
    );
  });

  it("keep values above 255 and large gaps between them", () => {
    const labels: LabelMap = { data: Uint16Array.of(0, 300, 300, 0, 65535, 44), shape: [1, 2, 3] };
    expect([...labelBoxes(labels)].map(([label, { voxels }]) => [label, voxels])).toEqual([
      [44, 1],
      [300, 2],
      [65535, 1],
    ]);
  });

  it("are none in an empty volume", () => {
    const empty: LabelMap = { data: new Int32Array(24), shape: [2, 3, 4] };
    expect(labelBoxes(empty).size).toBe(0);
    expect(labelRuns(empty).size).toBe(0);
    expect(labelErrorRuns(empty, empty).size).toBe(0);
  });

  it("are the same whether memory can be read by words or not", () => {
    const data = Uint8Array.from({ length: 131 }, (_, i) => (i % 37 === 5 || i > 125 ? 2 : 0));
    const shifted = new Uint8Array(132).subarray(1);
    shifted.set(data);
    const wide = Uint32Array.from(data);
    const shape: Zyx = [1, 1, 131];
    const want = labelRuns({ data, shape });
    expect(want.get(2)!.voxels).toBe(9);
    expect(labelRuns({ data: shifted, shape })).toEqual(want);
    expect(labelRuns({ data: wide, shape })).toEqual(want);
    const other = data.slice();
    other[70] = 2;
    other[3] = 1;
    const error = labelErrorRuns({ data, shape }, { data: other, shape });
    expect(labelErrorRuns({ data: wide, shape }, { data: other, shape })).toEqual(error);
    expect([...error].map(([label, runs]) => [label, [...runs.start]])).toEqual([
      [1, [3]],
      [2, [70]],
    ]);
  });
});

describe("runs", () => {
  const painted = (runs: Runs | undefined, shape: Zyx) => {
    const mask = { data: new Uint8Array(shape[0] * shape[1] * shape[2]), shape };
    if (runs !== undefined) paintRuns(runs, mask, [0, 0, 0]);
    return mask.data;
  };

  it("of a mask paint it again", () => {
    fc.assert(
      fc.property(anyMask, (mask) => {
        expect(painted(maskRuns(mask), mask.shape)).toEqual(mask.data);
        expect(maskRuns(mask).voxels).toBe(maskVoxels(mask));
      }),
    );
  });

  it("of labels paint the mask of each, and are as long as they can be", () => {
    fc.assert(
      fc.property(anyLabels, (labels) => {
        for (const [label, runs] of labelRuns(labels)) {
          const mask = maskOf(labels, label);
          expect(painted(runs, labels.shape)).toEqual(mask.data);
          expect(runs.start.length).toBe(maskRuns(mask).start.length);
          expect(runs.box).toEqual(labelBoxes(labels).get(label)!.box);
        }
      }),
    );
  });

  it("of an error are where exactly one of two maps has the label", () => {
    fc.assert(
      fc.property(twoLabelMaps, ([first, second]) => {
        const errors = labelErrorRuns(first, second);
        for (const label of [1, 2, 3]) {
          const want = first.data.map((value, i) => ((value === label) === (second.data[i] === label) ? 0 : 1));
          expect(painted(errors.get(label), first.shape)).toEqual(Uint8Array.from(want));
          const runs = errors.get(label);
          if (runs)
            expect(runs.start.length).toBe(maskRuns({ data: Uint8Array.from(want), shape: first.shape }).start.length);
        }
      }),
    );
  });

  it("refuse two maps of different shape", () => {
    const a: LabelMap = { data: new Uint8Array(6), shape: [1, 2, 3] };
    expect(() => labelErrorRuns(a, { data: new Uint8Array(6), shape: [1, 3, 2] })).toThrow(
      "labelErrorRuns: expected two maps of one shape, got [1,2,3] and [1,3,2]",
    );
  });
});
