import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LabelMap, maskOf } from "../voxels/index.ts";
import { twoLabelMaps, twoMasks } from "../voxels/testing/arbitraries.ts";
import { nextClick } from "./click.ts";
import { nextClicks } from "./nextClicks.ts";

describe("the next click", () => {
  it("does not exist where truth and prediction agree", () => {
    const mask = { data: Uint8Array.of(0, 1, 1), shape: [1, 1, 3] as const };
    expect(nextClick(mask, mask)).toBeUndefined();
  });

  it("goes to the only wrong voxel, also in a corner", () => {
    const truth = { data: new Uint8Array(60), shape: [3, 4, 5] as const };
    const prediction = { data: new Uint8Array(60), shape: truth.shape };
    truth.data[59] = 1;
    expect(nextClick(truth, prediction)).toEqual({ at: [2, 3, 4], foreground: true });
    expect(nextClick(prediction, truth)).toEqual({ at: [2, 3, 4], foreground: false });
  });

  it("goes to the larger piece, and of two equal ones to the first", () => {
    const shape = [1, 1, 9] as const;
    const nothing = { data: new Uint8Array(9), shape };
    expect(nextClick({ data: Uint8Array.of(1, 0, 0, 1, 1, 1, 0, 0, 0), shape }, nothing)!.at).toEqual([0, 0, 5]);
    // Three equally deep voxels: the third one is what the seeded choice of 3 gives. Two of two: the first.
    expect(nextClick({ data: Uint8Array.of(1, 1, 0, 0, 0, 1, 1, 0, 0), shape }, nothing)!.at).toEqual([0, 0, 0]);
  });

  it("lies in the error, with the truth's sign", () => {
    fc.assert(
      fc.property(twoMasks, ([truth, prediction]) => {
        const click = nextClick(truth, prediction);
        const wrong = truth.data.some((value, i) => value !== prediction.data[i]);
        if (click === undefined) return !wrong;
        const [z, y, x] = click.at;
        const index = (z * truth.shape[1] + y) * truth.shape[2] + x;
        return truth.data[index] !== prediction.data[index] && click.foreground === (truth.data[index] === 1);
      }),
    );
  });

  it("of each label is that of its own masks", () => {
    fc.assert(
      fc.property(twoLabelMaps, ([truth, prediction]) => {
        const clicks = nextClicks(truth, prediction);
        expect([...clicks.keys()]).toEqual([1, 2, 3].filter((label) => truth.data.indexOf(label) >= 0));
        for (const [label, click] of nextClicks(truth, prediction, [3, 1, 2])) {
          expect(click).toEqual(nextClick(maskOf(truth, label), maskOf(prediction, label)));
        }
      }),
    );
  });

  it("takes maps of different types, and labels above 255", () => {
    const truth: LabelMap = { data: Uint16Array.of(300, 300, 0, 44), shape: [1, 1, 4] };
    const prediction: LabelMap = { data: Uint8Array.of(0, 0, 44, 44), shape: [1, 1, 4] };
    expect([...nextClicks(truth, prediction)]).toEqual([
      [44, { at: [0, 0, 2], foreground: false }],
      [300, { at: [0, 0, 0], foreground: true }],
    ]);
  });

  it("refuses masks of different shape", () => {
    const mask = { data: new Uint8Array(6), shape: [1, 2, 3] as const };
    expect(() => nextClick(mask, { ...mask, shape: [1, 3, 2] })).toThrow("nextClick: expected masks of one shape");
  });
});
