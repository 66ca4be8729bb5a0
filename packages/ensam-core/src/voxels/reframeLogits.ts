import { type Frame, voxelCount } from "../geometry/index.ts";
import { axisWeights } from "./interpolate.ts";

/**
 * Logits of one frame of an image on the grid of another with the same turn, neither of them mirrored, so that an
 * object keeps its previous mask when the crop has to grow. Each new cell reads the old grid at its centre,
 * trilinearly; outside of the old crop it gets the lowest old logit.
 *
 * @param logits  [D, H, W] of `from.shape`
 * @returns       [D, H, W] of `to.shape`
 */
export function reframeLogits(logits: Float32Array, from: Frame, to: Frame): Float32Array {
  if ([...from.flips, ...to.flips].includes(true))
    throw new Error("reframeLogits: expected frames that are not mirrored");
  const lowest = logits.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const out = new Float32Array(voxelCount(to.shape)).fill(lowest);
  const [alongZ, alongY, alongX] = [0, 1, 2].map((axis) => steps(from, to, axis)) as [Step[], Step[], Step[]];
  const [, height, width] = from.shape;
  const [, outHeight, outWidth] = to.shape;
  const logit = (z: number, y: number, x: number) => logits[(z * height + y) * width + x]!;
  for (const z of alongZ) {
    for (const y of alongY) {
      for (const x of alongX) {
        const plane = (cell: number) => {
          const near = mix(logit(cell, y.low, x.low), logit(cell, y.low, x.high), x.toward);
          const far = mix(logit(cell, y.high, x.low), logit(cell, y.high, x.high), x.toward);
          return mix(near, far, y.toward);
        };
        out[(z.cell * outHeight + y.cell) * outWidth + x.cell] = mix(plane(z.low), plane(z.high), z.toward);
      }
    }
  }
  return out;
}

interface Step {
  readonly cell: number;
  readonly low: number;
  readonly high: number;
  readonly toward: number;
}

/** The new cells of an axis whose centre lies in the old crop, and where they read. */
function steps(from: Frame, to: Frame, axis: number): Step[] {
  const voxels = from.crop.max[axis]! - from.crop.min[axis]!;
  const weights = axisWeights(voxels, from.content[axis]!, from.pooling[axis]!);
  const found: Step[] = [];
  for (let cell = 0; cell < to.content[axis]!; cell++) {
    const centre = to.crop.min[axis]! + Math.floor((cell + 0.5) * to.pooling[axis]!);
    const i = centre - from.crop.min[axis]!;
    if (i < 0 || i >= voxels) continue;
    found.push({ cell, low: weights.low[i]!, high: weights.high[i]!, toward: weights.toward[i]! });
  }
  return found;
}

function mix(a: number, b: number, toward: number): number {
  return a + toward * (b - a);
}
