import { blockBase, blockWidth } from "./blocks";
import { word } from "./simd";

/**
 * Weights in the order in which the row kernels read them: [block][tap][inner channel][width]. A block of width 4 of a
 * 3x3x3 convolution at stride 1 is packed for two neighbouring voxels at once: [3x3 taps][4 positions][inner][2][4],
 * with zeros where a position is out of a voxel's reach.
 *
 * Parameters: source, target, output channels, stride of an output channel, inner channels, stride of an inner channel
 * (strides in floats), tap count, whether width 4 means pairs, then the taps in their order. Task: a block.
 */
export function packWeights(params: usize, task: usize, _scratch: usize): void {
  const source = word(params, 0);
  const outputs = word(params, 2), outputStride = word(params, 3);
  const inner = word(params, 4), innerStride = word(params, 5);
  const taps = word(params, 6);
  const base = blockBase(outputs, task), width = blockWidth(outputs, task);
  const valid = min(width, outputs - base);
  let to = word(params, 1) + ((base * taps * inner) << 2);
  const from = source + ((base * outputStride) << 2);
  if (width == 4 && word(params, 7)) {
    packPairs(params, from, to, valid);
    return;
  }
  for (let k: usize = 0; k < taps; k++) {
    const tap = from + (word(params, 8 + k) << 2);
    let c: usize = 0;
    if (valid == width && outputStride == 1) {
      for (; c < inner; c++) {
        const p = tap + ((c * innerStride) << 2);
        for (let t: usize = 0; t < width; t += 4) v128.store(to + (t << 2), v128.load(p + (t << 2)));
        to += width << 2;
      }
    } else if (valid == width && innerStride == 1) {
      for (; c + 4 <= inner; c += 4) {
        for (let t: usize = 0; t < width; t += 4) transpose4(tap + ((c + t * outputStride) << 2), outputStride << 2, to + (t << 2), width << 2);
        to += width << 4;
      }
    }
    for (; c < inner; c++) {
      let p = tap + ((c * innerStride) << 2);
      for (let t: usize = 0; t < width; t++) {
        store<f32>(to, t < valid ? load<f32>(p) : 0);
        to += 4;
        p += outputStride << 2;
      }
    }
  }
}

/** A 4x4 tile with its rows as columns; steps in bytes. */
// @ts-ignore: decorator
@inline
function transpose4(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const a = v128.load(from), b = v128.load(from + fromStep);
  const c = v128.load(from + (fromStep << 1)), d = v128.load(from + fromStep * 3);
  const abLow = i32x4.shuffle(a, b, 0, 4, 1, 5), abHigh = i32x4.shuffle(a, b, 2, 6, 3, 7);
  const cdLow = i32x4.shuffle(c, d, 0, 4, 1, 5), cdHigh = i32x4.shuffle(c, d, 2, 6, 3, 7);
  v128.store(to, i64x2.shuffle(abLow, cdLow, 0, 2));
  v128.store(to + toStep, i64x2.shuffle(abLow, cdLow, 1, 3));
  v128.store(to + (toStep << 1), i64x2.shuffle(abHigh, cdHigh, 0, 2));
  v128.store(to + toStep * 3, i64x2.shuffle(abHigh, cdHigh, 1, 3));
}

function packPairs(params: usize, from: usize, to: usize, valid: usize): void {
  const outputStride = word(params, 3);
  const inner = word(params, 4), innerStride = word(params, 5);
  for (let row: usize = 0; row < 9; row++) {
    for (let position: usize = 0; position < 4; position++) {
      for (let c: usize = 0; c < inner; c++) {
        for (let lane: usize = 0; lane < 8; lane++) {
          const kx = position - (lane >> 2), t = lane & 3;
          let value: f32 = 0;
          if (kx < 3 && t < valid) {
            value = load<f32>(from + ((word(params, 8 + row * 3 + kx) + c * innerStride + t * outputStride) << 2));
          }
          store<f32>(to, value);
          to += 4;
        }
      }
    }
  }
}
