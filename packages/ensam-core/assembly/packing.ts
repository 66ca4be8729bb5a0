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
    for (let c: usize = 0; c < inner; c++) {
      let p = tap + ((c * innerStride) << 2);
      for (let t: usize = 0; t < width; t++) {
        store<f32>(to, t < valid ? load<f32>(p) : 0);
        to += 4;
        p += outputStride << 2;
      }
    }
  }
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
