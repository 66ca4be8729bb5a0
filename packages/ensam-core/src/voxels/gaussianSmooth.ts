import type { Zyx } from "../geometry/index.ts";
import { erf } from "./erf.ts";
import type { Grid } from "./grid.ts";

/**
 * The image blurred by a Gaussian, axis by axis, zeros beyond the border.
 *
 * Source: ENSAM §3.2.3 names the kind; kernel and border are those of MONAI's RandGaussianSmooth.
 *
 * @param sigma  in voxels along (z, y, x); 0 leaves an axis as it is
 */
export function gaussianSmooth(image: Grid<Float32Array>, sigma: Zyx): Grid<Float32Array> {
  const [depth, height, width] = image.shape;
  let data = image.data;
  data = alongAxis(data, gaussianKernel(sigma[0]), 1, depth, height * width);
  data = alongAxis(data, gaussianKernel(sigma[1]), depth, height, width);
  data = alongAxis(data, gaussianKernel(sigma[2]), depth * height, width, 1);
  return { data: data === image.data ? data.slice() : data, shape: image.shape };
}

/**
 * The weights of a Gaussian integrated over each voxel, cut at 4 sigma and not made to sum to 1 again.
 *
 * @param sigma  in voxels
 */
export function gaussianKernel(sigma: number): Float64Array {
  if (!(sigma >= 0 && sigma < Infinity)) throw new Error(`gaussianSmooth: sigma: expected 0 or more, got ${sigma}`);
  if (sigma === 0) return Float64Array.of(1);
  const half = Math.floor(Math.max(4 * sigma, 0.5) + 0.5);
  const scale = sigma * Math.SQRT2;
  return Float64Array.from({ length: 2 * half + 1 }, (_, i) => {
    const x = i - half;
    return 0.5 * (erf((x + 0.5) / scale) - erf((x - 0.5) / scale));
  });
}

/** Convolves along one axis of an array seen as [outer, size, inner]. */
function alongAxis(data: Float32Array, kernel: Float64Array, outer: number, size: number, inner: number): Float32Array {
  if (kernel.length === 1) return data;
  const half = (kernel.length - 1) / 2;
  const out = new Float32Array(data.length);
  const line = new Float64Array(inner);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < size; i++) {
      line.fill(0);
      for (let j = Math.max(0, i - half); j <= Math.min(size - 1, i + half); j++) {
        const weight = kernel[j - i + half]!;
        const from = (o * size + j) * inner;
        for (let k = 0; k < inner; k++) line[k]! += weight * data[from + k]!;
      }
      out.set(line, (o * size + i) * inner);
    }
  }
  return out;
}
