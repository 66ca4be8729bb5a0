import type { Grid } from "./grid.ts";
import { voxelCount, type Zyx } from "./zyx.ts";

/**
 * The grid at another shape, trilinear, voxel centres at half steps (PyTorch's `align_corners=False`), values past the
 * border repeated. For scaling logits of a pooled grid up again; scaling down this way does not average.
 */
export function resizeTrilinear(grid: Grid<Float32Array>, shape: Zyx): Grid<Float32Array> {
  const [zs, ys, xs] = [0, 1, 2].map((axis) => weights(grid.shape[axis]!, shape[axis]!)) as [Axis, Axis, Axis];
  const data = new Float32Array(voxelCount(shape));
  const area = shape[1] * shape[2];
  const low = { z: -1, plane: new Float32Array(area) };
  const high = { z: -1, plane: new Float32Array(area) };
  const rows = new Float32Array(grid.shape[1] * shape[2]);
  for (let z = 0; z < shape[0]; z++) {
    const [a, b] = [zs.low[z]!, zs.high[z]!];
    if (low.z !== a) {
      if (high.z === a) {
        [low.plane, high.plane] = [high.plane, low.plane];
        [low.z, high.z] = [high.z, low.z];
      } else resizeSlice(grid, a, ys, xs, rows, low);
    }
    if (a !== b && high.z !== b) resizeSlice(grid, b, ys, xs, rows, high);
    const other = a === b ? low.plane : high.plane;
    const t = zs.t[z]!;
    const to = z * area;
    for (let i = 0; i < area; i++) data[to + i] = low.plane[i]! + (other[i]! - low.plane[i]!) * t;
  }
  return { data, shape };
}

/** For each new index: the two old ones around it, and how far it lies from the lower towards the higher. */
interface Axis {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly t: Float64Array;
}

function weights(from: number, to: number): Axis {
  const axis = { low: new Int32Array(to), high: new Int32Array(to), t: new Float64Array(to) };
  for (let i = 0; i < to; i++) {
    const position = Math.max(0, ((i + 0.5) * from) / to - 0.5);
    axis.low[i] = Math.min(from - 1, Math.floor(position));
    axis.high[i] = Math.min(from - 1, axis.low[i]! + 1);
    axis.t[i] = Math.min(1, position - axis.low[i]!);
  }
  return axis;
}

/** One slice of the old grid at the new height and width, into `target`. */
function resizeSlice(
  { data, shape }: Grid<Float32Array>,
  z: number,
  ys: Axis,
  xs: Axis,
  rows: Float32Array,
  target: { z: number; plane: Float32Array },
): void {
  const [, height, width] = shape;
  const newWidth = xs.low.length;
  for (let y = 0; y < height; y++) {
    const from = (z * height + y) * width;
    for (let x = 0; x < newWidth; x++) {
      const a = data[from + xs.low[x]!]!;
      rows[y * newWidth + x] = a + (data[from + xs.high[x]!]! - a) * xs.t[x]!;
    }
  }
  for (let y = 0; y < ys.low.length; y++) {
    const [a, b, t] = [ys.low[y]! * newWidth, ys.high[y]! * newWidth, ys.t[y]!];
    for (let x = 0; x < newWidth; x++) {
      target.plane[y * newWidth + x] = rows[a + x]! + (rows[b + x]! - rows[a + x]!) * t;
    }
  }
  target.z = z;
}
