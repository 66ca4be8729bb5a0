import { blockBase, blockWidth } from "./blocks";
import { word } from "./simd";
import { apart } from "./winogradInput";

/** g0, (g0 + g1 + g2) / 2, (g0 - g1 + g2) / 2 and g2 along one axis, whose values are `inner` vectors apart. */
function along(from: usize, to: usize, outer: usize, inner: usize): void {
  const step = inner << 4;
  const half = f32x4.splat(0.5);
  for (let o: usize = 0; o < outer; o++) {
    for (let i: usize = 0; i < step; i += 16) {
      const g0 = v128.load(from + i), g1 = v128.load(from + step + i), g2 = v128.load(from + (step << 1) + i);
      const ends = f32x4.mul(f32x4.add(g0, g2), half), middle = f32x4.mul(g1, half);
      v128.store(to + i, g0);
      v128.store(to + step + i, f32x4.add(ends, middle));
      v128.store(to + (step << 1) + i, f32x4.sub(ends, middle));
      v128.store(to + step * 3 + i, g2);
    }
    from += step * 3;
    to += step << 2;
  }
}

/**
 * Weights of a 3x3x3 convolution at Winograd's 64 points, as the row kernels read them: [point][block][inner
 * channel][width].
 *
 * Parameters: source, target, output channels, stride of an output channel, inner channels, stride of an inner channel
 * (strides in floats), whether the taps are turned round, channels of all blocks. Task: a block.
 */
export function transformWeights(params: usize, task: usize, scratch: usize): void {
  const outputs = word(params, 2), outputStride = word(params, 3) << 2;
  const inner = word(params, 4), innerStride = word(params, 5) << 2;
  const isTurned = word(params, 6), all = word(params, 7);
  const base = blockBase(outputs, task), width = blockWidth(outputs, task);
  const planeBytes = ((all * inner) << 2) + apart;
  const taps = scratch, alongZ = scratch + 512, alongY = scratch + 1152, points = scratch + 2048;
  for (let c: usize = 0; c < inner; c++) {
    for (let lane: usize = 0; lane < width; lane += 4) {
      const channel = base + lane;
      const valid = channel < outputs ? min(<usize>4, outputs - channel) : 0;
      const from = word(params, 0) + channel * outputStride + c * innerStride;
      for (let k: usize = 0; k < 27; k++) {
        const tap = from + ((isTurned ? 26 - k : k) << 2);
        let value = valid ? v128.load32_zero(tap) : f32x4.splat(0);
        if (valid > 1) value = v128.load32_lane(tap + outputStride, value, 1);
        if (valid > 2) value = v128.load32_lane(tap + (outputStride << 1), value, 2);
        if (valid > 3) value = v128.load32_lane(tap + outputStride * 3, value, 3);
        v128.store(taps + (k << 4), value);
      }
      along(taps, alongZ, 1, 9);
      along(alongZ, alongY, 4, 3);
      along(alongY, points, 16, 1);
      const to = word(params, 1) + ((base * inner + c * width + lane) << 2);
      for (let p: usize = 0; p < 64; p++) v128.store(to + p * planeBytes, v128.load(points + (p << 4)));
    }
  }
}
