import { axisWeights } from "./interpolate.ts";
import { paddedCount, type View } from "./view.ts";

/**
 * Logits of one view on the grid of another, so that an object keeps its previous mask when the crop has to grow. Each
 * new cell reads the old grid at its centre, trilinearly; outside of the old crop it gets the lowest old logit.
 *
 * @param logits  [D, H, W] of `from.paddedShape`
 * @returns       [D, H, W] of `to.paddedShape`
 */
export function carryLogits(logits: Float32Array, from: View, to: View): Float32Array {
  const lowest = logits.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const out = new Float32Array(paddedCount(to)).fill(lowest);
  const [alongZ, alongY, alongX] = [0, 1, 2].map((axis) => steps(from, to, axis)) as [Step[], Step[], Step[]];
  const [, height, width] = from.paddedShape;
  const [, outHeight, outWidth] = to.paddedShape;
  const at = (z: number, y: number, x: number) => logits[(z * height + y) * width + x]!;
  for (const z of alongZ) {
    for (const y of alongY) {
      for (const x of alongX) {
        const plane = (cell: number) => {
          const near = mix(at(cell, y.low, x.low), at(cell, y.low, x.high), x.toward);
          const far = mix(at(cell, y.high, x.low), at(cell, y.high, x.high), x.toward);
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
function steps(from: View, to: View, axis: number): Step[] {
  const voxels = from.crop.max[axis]! - from.crop.min[axis]!;
  const weights = axisWeights(voxels, from.pooledShape[axis]!, from.factors[axis]!);
  const found: Step[] = [];
  for (let cell = 0; cell < to.pooledShape[axis]!; cell++) {
    const centre = to.crop.min[axis]! + Math.floor((cell + 0.5) * to.factors[axis]!);
    const i = centre - from.crop.min[axis]!;
    if (i < 0 || i >= voxels) continue;
    found.push({ cell, low: weights.low[i]!, high: weights.high[i]!, toward: weights.toward[i]! });
  }
  return found;
}

function mix(a: number, b: number, toward: number): number {
  return a + toward * (b - a);
}
