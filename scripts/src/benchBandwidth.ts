import { tf } from "@ensam/core/tensors";
import type { Zyx } from "@ensam/core/voxels";
import { timeBytes } from "./benchOperators.ts";
import type { Head, OperatorRow } from "./benchRows.ts";
import type { Timing } from "./benchTiming.ts";
import { createMaps } from "./randomMaps.ts";

/** Times a copy of a map of 16 channels and a sum of two by kernels of the current device: what it reaches of its memory's speed. */
export async function* benchBandwidth(head: Head, grid: Zyx, timing: Timing): AsyncGenerator<OperatorRow> {
  const shape = [1, ...grid, 16];
  const maps = createMaps();
  try {
    const x = maps.random(shape);
    const y = maps.random(shape);
    const megabytes = `${((x.size * 4) / 1e6).toFixed(0)} MB`;
    const pass = "forward" as const;
    const copy = { operator: `copy of ${megabytes}`, pass, grid, bytes: 8 * x.size };
    yield await timeBytes(head, copy, () => tf.addN([x]), timing);
    const sum = { operator: `sum of two maps of ${megabytes}`, pass, grid, bytes: 12 * x.size };
    yield await timeBytes(head, sum, () => tf.add(x, y), timing);
  } finally {
    maps.dispose();
  }
}
