import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { components26, largestComponent26 } from "./components.ts";
import type { Mask } from "./grid.ts";
import { maskRuns } from "./runs.ts";
import { anyMask } from "./testing/arbitraries.ts";

describe("26-connected components", () => {
  it("of an empty mask are none", () => {
    const empty: Mask = { data: new Uint8Array(8), shape: [2, 2, 2] };
    expect(components26(empty)).toEqual({ labels: { data: new Int32Array(8), shape: [2, 2, 2] }, sizes: [] });
    expect(largestComponent26(maskRuns(empty))).toBeUndefined();
  });

  it("join voxels that share a corner only", () => {
    const mask: Mask = { data: Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 1), shape: [2, 2, 2] };
    expect(components26(mask).sizes).toEqual([2]);
  });

  it("do not join across the end of a row", () => {
    const mask: Mask = { data: Uint8Array.of(0, 0, 1, 1, 0, 0), shape: [1, 2, 3] };
    expect(components26(mask).sizes).toEqual([1, 1]);
  });

  it("are those a flood fill finds, in the order of their first voxel", () => {
    fc.assert(
      fc.property(anyMask, (mask) => {
        expect(components26(mask).labels.data).toEqual(floodFill(mask));
      }),
    );
  });

  it("have as the largest the first of those with most voxels, cut to its box", () => {
    fc.assert(
      fc.property(anyMask, (mask) => {
        const { labels, sizes } = components26(mask);
        const largest = largestComponent26(maskRuns(mask));
        if (sizes.length === 0) return largest === undefined;
        const label = sizes.indexOf(Math.max(...sizes)) + 1;
        const [, height, width] = mask.shape;
        const { box } = largest!;
        let seen = 0;
        largest!.mask.data.forEach((value, i) => {
          const [, boxHeight, boxWidth] = largest!.mask.shape;
          const z = Math.floor(i / (boxHeight * boxWidth)) + box.min[0];
          const y = (Math.floor(i / boxWidth) % boxHeight) + box.min[1];
          const x = (i % boxWidth) + box.min[2];
          if ((labels.data[(z * height + y) * width + x] === label) !== (value === 1)) throw new Error("not its voxel");
          seen += value;
        });
        return seen === sizes[label - 1] && largest!.voxels === seen;
      }),
    );
  });
});

function floodFill({ data, shape }: Mask): Int32Array {
  const [depth, height, width] = shape;
  const labels = new Int32Array(data.length);
  let count = 0;
  for (let start = 0; start < data.length; start++) {
    if (data[start] === 0 || labels[start] !== 0) continue;
    labels[start] = ++count;
    const open = [start];
    for (let i = open.pop(); i !== undefined; i = open.pop()) {
      const [z, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
      for (let dz = -1; dz <= 1; dz++) {
        for (let dy = -1; dy <= 1; dy++) {
          for (let dx = -1; dx <= 1; dx++) {
            const [p, q, r] = [z + dz, y + dy, x + dx];
            if (p < 0 || p >= depth || q < 0 || q >= height || r < 0 || r >= width) continue;
            const next = (p * height + q) * width + r;
            if (data[next] === 0 || labels[next] !== 0) continue;
            labels[next] = count;
            open.push(next);
          }
        }
      }
    }
  }
  return labels;
}
