import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { largestComponent26, type Mask, maskRuns, type Zyx } from "../voxels/index.ts";
import { anyMask } from "../voxels/testing/arbitraries.ts";
import { deepestVoxels } from "./deepestVoxels.ts";

const listed = (component: Mask, limit?: number) => {
  const deepest = deepestVoxels(component, limit);
  return Array.from({ length: deepest.count }, (_, rank) => deepest.at(rank));
};

describe("the deepest voxels", () => {
  it("of a rod two voxels thick are all of it, in C order", () => {
    const rod: Mask = { data: new Uint8Array(12).fill(1), shape: [1, 2, 6] };
    expect(listed(rod)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it("of a cube of 5 is its middle", () => {
    expect(listed({ data: new Uint8Array(125).fill(1), shape: [5, 5, 5] })).toEqual([62]);
  });

  it("by blocks, on a large grid, are those the evaluator's steps give when written out", () => {
    fc.assert(
      fc.property(anyMask, (mask) => {
        const component = largestComponent26(maskRuns(mask))?.mask;
        if (component !== undefined) expect(listed(component, 0)).toEqual(writtenOut(component));
      }),
      { numRuns: 300 },
    );
  });

  it("by blocks of an object long enough to be padded by two voxels and more", () => {
    for (const extent of [8, 9, 11, 12, 13, 16]) {
      const shape: Zyx = [extent, 3, extent + 1];
      const data = Uint8Array.from({ length: extent * 3 * (extent + 1) }, (_, i) => ((i * 7919) % 11 === 3 ? 0 : 1));
      expect(listed({ data, shape }, 0)).toEqual(writtenOut({ data, shape }));
    }
  });

  it("are measured by blocks above 60 million voxels of the padded copy only", () => {
    // Each side of 5 voxels is padded by 1: 7 x 7 x 7 = 343 voxels.
    const cube: Mask = { data: new Uint8Array(125).fill(1), shape: [5, 5, 5] };
    expect(listed(cube, 343)).toEqual([62]);
    expect(listed(cube, 342)).toEqual(writtenOut(cube));
    expect(listed(cube, 342)).not.toEqual([62]);
  });
});

/** Pad, take the largest of 2 x 2 x 2 blocks, measure, repeat each value twice, cut back; all of it in full. */
function writtenOut({ data, shape }: Mask): number[] {
  const pads = shape.map((extent) => Math.max(1, Math.floor(0.25 * extent)));
  const blocks = shape.map((extent, axis) => Math.ceil((extent + 2 * pads[axis]!) / 2)) as unknown as Zyx;
  const inside = (z: number, y: number, x: number) =>
    z >= 0 && z < shape[0] && y >= 0 && y < shape[1] && x >= 0 && x < shape[2]
      ? data[(z * shape[1] + y) * shape[2] + x]!
      : 0;
  const full: number[][] = [];
  const empty: number[][] = [];
  for (let z = 0; z < blocks[0]; z++) {
    for (let y = 0; y < blocks[1]; y++) {
      for (let x = 0; x < blocks[2]; x++) {
        const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((i) =>
          inside(2 * z + (i >> 2) - pads[0]!, 2 * y + ((i >> 1) & 1) - pads[1]!, 2 * x + (i & 1) - pads[2]!),
        );
        (Math.max(...corners) === 1 ? full : empty).push([z, y, x]);
      }
    }
  }
  const depths = new Map(
    full.map((block) => [
      block.join(),
      Math.min(...empty.map((other) => other.reduce((sum, at, axis) => sum + (at - block[axis]!) ** 2, 0))),
    ]),
  );
  const depthOf = (i: number) => {
    const at = [Math.floor(i / (shape[1] * shape[2])), Math.floor(i / shape[2]) % shape[1], i % shape[2]].map(
      (place, axis) => (place + pads[axis]!) >> 1,
    );
    return depths.get(at.join())!;
  };
  const voxels = Array.from(data.keys()).filter((i) => data[i] === 1);
  const largest = Math.max(...voxels.map(depthOf));
  return voxels.filter((i) => depthOf(i) === largest);
}
