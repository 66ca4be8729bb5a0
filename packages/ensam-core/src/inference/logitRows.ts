import { type Box, boxShape } from "../voxels/index.ts";
import { type AxisWeights, axisWeights, reach } from "./interpolate.ts";
import type { View } from "./view.ts";

/** Coarse logits that can be read at full resolution, one row along x at a time. */
export interface LogitRows {
  /** Volume voxels where an interpolated logit can be above zero: nowhere else is one. `undefined`: nowhere at all. */
  readonly positive: Box | undefined;
  /** Writes the logits of the voxels (z, y, from..to) of the volume to `out[0..to-from)`. */
  read(z: number, y: number, from: number, to: number, out: Float64Array): void;
}

/**
 * Trilinear interpolation (align_corners = false) of the logits on the padded grid, of which only the unpadded part is
 * used, to the voxels of the crop.
 *
 * @param logits  [D, H, W] of `view.paddedShape`
 */
export function logitRows(view: View, logits: Float32Array): LogitRows {
  const [, height, width] = view.paddedShape;
  const shape = boxShape(view.crop);
  const weights = [0, 1, 2].map((axis) => axisWeights(shape[axis]!, view.pooledShape[axis]!, view.factors[axis]!));
  const [alongZ, alongY, alongX] = weights as [AxisWeights, AxisWeights, AxisWeights];
  const cells = new Float64Array(view.pooledShape[2]);
  const start = (z: number, y: number) => (z * height + y) * width;

  function read(z: number, y: number, from: number, to: number, out: Float64Array): void {
    const [cz, cy, first, last] = [
      z - view.crop.min[0],
      y - view.crop.min[1],
      from - view.crop.min[2],
      to - view.crop.min[2],
    ];
    if (last <= first) return;
    const zLow = alongZ.low[cz]!;
    const zHigh = alongZ.high[cz]!;
    const yLow = alongY.low[cy]!;
    const yHigh = alongY.high[cy]!;
    const tz = alongZ.toward[cz]!;
    const ty = alongY.toward[cy]!;
    const [a, b, c, d] = [start(zLow, yLow), start(zLow, yHigh), start(zHigh, yLow), start(zHigh, yHigh)];
    const lastCell = alongX.high[last - 1]!;
    for (let k = alongX.low[first]!; k <= lastCell; k++) {
      const near = logits[a + k]! + ty * (logits[b + k]! - logits[a + k]!);
      const far = logits[c + k]! + ty * (logits[d + k]! - logits[c + k]!);
      cells[k] = near + tz * (far - near);
    }
    for (let x = first; x < last; x++) {
      const low = cells[alongX.low[x]!]!;
      out[x - first] = low + alongX.toward[x]! * (cells[alongX.high[x]!]! - low);
    }
  }

  return { positive: positiveBox(view, logits), read };
}

/** The voxels that a cell above zero has weight on. An interpolated value cannot exceed the largest of its cells. */
function positiveBox(view: View, logits: Float32Array): Box | undefined {
  const [, height, width] = view.paddedShape;
  const [depthCells, heightCells, widthCells] = view.pooledShape;
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high = [-1, -1, -1];
  for (let z = 0; z < depthCells; z++) {
    for (let y = 0; y < heightCells; y++) {
      const row = (z * height + y) * width;
      for (let x = 0; x < widthCells; x++) {
        const value = logits[row + x]!;
        if (value > 0) {
          if (z < low[0]!) low[0] = z;
          if (y < low[1]!) low[1] = y;
          if (x < low[2]!) low[2] = x;
          if (z > high[0]!) high[0] = z;
          if (y > high[1]!) high[1] = y;
          if (x > high[2]!) high[2] = x;
        } else if (Number.isNaN(value)) {
          throw new Error(`logits: cell [${z}, ${y}, ${x}]: expected a number, got NaN`);
        }
      }
    }
  }
  if (high[0]! < 0) return undefined;
  const shape = boxShape(view.crop);
  const spans = [0, 1, 2].map((axis) => reach(low[axis]!, high[axis]!, view.factors[axis]!, shape[axis]!));
  const [z, y, x] = spans as [readonly [number, number], readonly [number, number], readonly [number, number]];
  const [oz, oy, ox] = view.crop.min;
  return { min: [oz + z[0], oy + y[0], ox + x[0]], max: [oz + z[1], oy + y[1], ox + x[1]] };
}
