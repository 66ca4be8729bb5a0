import { type Box, boxShape, type Frame, wholeBox } from "../geometry/index.ts";
import { crop, pasteInto } from "./crop.ts";
import { flip } from "./flip.ts";
import { type AxisWeights, axisWeights, reach } from "./interpolate.ts";

/** Coarse logits that can be read at full resolution, one row along x of the turned image at a time. */
export interface LogitRows {
  /**
   * Voxels of the turned image where an interpolated logit can be above zero: nowhere else is one. `undefined`: nowhere
   * at all.
   */
  readonly positive: Box | undefined;
  /** Writes the logits of the voxels (z, y, from..to) of the turned image to `out[0..to-from)`. */
  read(z: number, y: number, from: number, to: number, out: Float64Array): void;
}

/**
 * Trilinear interpolation (align_corners = false) of the logits on the padded grid, of which only the unpadded part is
 * used, to the voxels of the crop.
 *
 * @param gridLogits  [D, H, W] of `frame.shape`
 */
export function logitRows(frame: Frame, gridLogits: Float32Array): LogitRows {
  const [, height, width] = frame.shape;
  const logits = inOrder(frame, gridLogits);
  const shape = boxShape(frame.crop);
  const weights = [0, 1, 2].map((axis) => axisWeights(shape[axis]!, frame.content[axis]!, frame.pooling[axis]!));
  const [alongZ, alongY, alongX] = weights as [AxisWeights, AxisWeights, AxisWeights];
  const cells = new Float64Array(frame.content[2]);
  const start = (z: number, y: number) => (z * height + y) * width;

  function read(z: number, y: number, from: number, to: number, out: Float64Array): void {
    const [cz, cy, first, last] = [
      z - frame.crop.min[0],
      y - frame.crop.min[1],
      from - frame.crop.min[2],
      to - frame.crop.min[2],
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

  return { positive: positiveBox(frame, logits), read };
}

/** The content of mirrored axes the right way round. */
function inOrder({ flips, content, shape }: Frame, logits: Float32Array): Float32Array {
  if (!flips.includes(true)) return logits;
  const out = new Float32Array(logits.length);
  const target = { data: out, shape };
  pasteInto(target, flip(crop({ data: logits, shape }, wholeBox(content)), flips), [0, 0, 0]);
  return out;
}

/** The voxels that a cell above zero has weight on. An interpolated value cannot exceed the largest of its cells. */
function positiveBox(frame: Frame, logits: Float32Array): Box | undefined {
  const [, height, width] = frame.shape;
  const [depthCells, heightCells, widthCells] = frame.content;
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
  const shape = boxShape(frame.crop);
  const spans = [0, 1, 2].map((axis) => reach(low[axis]!, high[axis]!, frame.pooling[axis]!, shape[axis]!));
  const [z, y, x] = spans as [readonly [number, number], readonly [number, number], readonly [number, number]];
  const [oz, oy, ox] = frame.crop.min;
  return { min: [oz + z[0], oy + y[0], ox + x[0]], max: [oz + z[1], oy + y[1], ox + x[1]] };
}
