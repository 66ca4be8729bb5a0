import { blockBase, blockWidth } from "./blocks";
import { row16, row4, row8 } from "./rows";
import { word } from "./simd";

// What the tasks of a convolution share, per thread, in scratch memory: the segments of a row (up to 9 pairs of
// addresses), which input rows the ring holds, room for one row of outputs, and the ring itself: padded input rows.
const segmentsAt: usize = 0;
const tagsAt: usize = 128;
const rowAt: usize = 256;

/**
 * One row of outputs of one block.
 *
 * @param pairs  whether a block of width 4 was packed for two neighbouring voxels
 * @param row    room for (voxels + 2) x width floats
 */
function blockRow(
  segments: usize, count: usize, length: usize, xStep: usize, voxels: usize, init: usize, initStep: usize,
  y: usize, yStep: usize, width: usize, valid: usize, pairs: bool, inner: usize, row: usize,
): void {
  const partial = valid < width;
  const to = partial ? row : y;
  const toStep = partial ? width << 2 : yStep;
  if (width == 16) {
    row16(segments, count, length, xStep, voxels, init, initStep, to, toStep);
  } else if (width == 8) {
    row8(segments, count, length, xStep, voxels, init, initStep, 16, to, toStep, 16);
  } else if (pairs) {
    const half = voxels >> 1;
    const run = length + (inner << 2);
    row8(segments, count, run, xStep << 1, half, init, initStep << 1, initStep, to, toStep << 1, toStep);
    if (voxels & 1) {
      const v = half << 1;
      const last = to + v * toStep;
      const at = v * xStep;
      for (let s: usize = 0; s < count; s++) store<u32>(segments + (s << 3), load<u32>(segments + (s << 3)) + <u32>at);
      const spare = row + ((voxels + 1) << 4);
      row8(segments, count, run, xStep << 1, 1, init + v * initStep, 0, initStep, last, 0, spare - last);
    }
  } else {
    row4(segments, count, length, xStep, voxels, init, initStep, to, toStep);
  }
  if (partial) {
    for (let v: usize = 0; v < voxels; v++) {
      for (let t: usize = 0; t < valid; t++) store<f32>(y + (t << 2), load<f32>(row + (t << 2)));
      row += width << 2;
      y += yStep;
    }
  }
}

/** bias + addend of one row into `row`, which then is the row's start. */
function startOfRow(row: usize, width: usize, voxels: usize, bias: usize, addend: usize, addendStep: usize): void {
  for (let v: usize = 0; v < voxels; v++) {
    for (let t: usize = 0; t < width; t += 4) {
      v128.store(row + (t << 2), f32x4.add(v128.load(bias + (t << 2)), v128.load(addend + (t << 2))));
    }
    row += width << 2;
    addend += addendStep;
  }
}

/** Address in the ring of a zero-padded copy of input row (z, y), copied now unless it is there. */
// @ts-ignore: decorator
@inline
function ringRow(slot: usize, tags: usize, ring: usize, rowBytes: usize, tag: u32, source: usize, low: usize, bytes: usize): usize {
  const at = ring + slot * rowBytes;
  if (load<u32>(tags + (slot << 2)) != tag) {
    memory.copy(at + low, source, bytes);
    store<u32>(tags + (slot << 2), tag);
  }
  return at;
}

function emptyRing(tags: usize, ring: usize, slots: usize, rowBytes: usize): void {
  memory.fill(tags, 0, slots << 2);
  memory.fill(ring, 0, slots * rowBytes);
}

/**
 * y = conv(x, w) + bias + addend for kernels of 3 (padding 1) and 2 (no padding); also the input gradient at stride 1.
 *
 * Parameters: x, packed weights, y, bias or zeros, whether there is a bias, addend or 0, input D H W channels, output D
 * H W channels, stride, kernel, output planes per task. Task: a block and a slab of output planes.
 */
export function convolve(params: usize, task: usize, scratch: usize): void {
  const x = word(params, 0), y = word(params, 2), bias = word(params, 3), hasBias = word(params, 4), addend = word(params, 5);
  const depth = word(params, 6), height = word(params, 7), w = word(params, 8), inner = word(params, 9);
  const outDepth = word(params, 10), outHeight = word(params, 11), outWidth = word(params, 12), outputs = word(params, 13);
  const stride = word(params, 14), kernel = word(params, 15), planes = word(params, 16);
  const slabs = (outDepth + planes - 1) / planes;
  const block = task / slabs;
  const firstPlane = (task % slabs) * planes, endPlane = min(firstPlane + planes, outDepth);
  const base = blockBase(outputs, block), width = blockWidth(outputs, block), valid = min(width, outputs - base);
  const padded = kernel == 3;
  const pad: usize = padded ? 1 : 0;
  const pairs = padded && stride == 1 && width == 4;
  const weights = word(params, 1) + ((base * kernel * kernel * kernel * inner) << 2);
  const length = (kernel * inner) << 2;
  const segmentWeights = pairs ? inner << 7 : length * width;
  const segments = scratch + segmentsAt, tags = scratch + tagsAt, row = scratch + rowAt;
  const ring = row + ((outWidth + 2) << 6);
  const rowBytes = ((w + 3) * inner) << 2;
  const channelBytes = inner << 2;
  const inRowBytes = w * channelBytes;
  if (padded) emptyRing(tags, ring, 9, rowBytes);
  for (let z = firstPlane; z < endPlane; z++) {
    for (let yy: usize = 0; yy < outHeight; yy++) {
      let count: usize = 0;
      for (let kz: usize = 0; kz < kernel; kz++) {
        const iz = z * stride + kz - pad;
        if (iz >= depth) continue;
        for (let ky: usize = 0; ky < kernel; ky++) {
          const iy = yy * stride + ky - pad;
          if (iy >= height) continue;
          const at = iz * height + iy;
          let source = x + at * inRowBytes;
          if (padded) source = ringRow(kz * 3 + (iy % 3), tags, ring, rowBytes, <u32>at + 1, source, channelBytes, inRowBytes);
          const segment = segments + (count << 3);
          store<u32>(segment, <u32>source);
          store<u32>(segment, <u32>(weights + (kz * kernel + ky) * segmentWeights), 4);
          count++;
        }
      }
      const voxel = (z * outHeight + yy) * outWidth;
      const outStep = outputs << 2;
      const offset = (voxel * outputs + base) << 2;
      let init = hasBias ? bias + (base << 2) : bias;
      let initStep: usize = 0;
      if (addend) {
        if (hasBias) {
          startOfRow(row, width, outWidth, init, addend + offset, outStep);
          init = row;
          initStep = width << 2;
        } else {
          init = addend + offset;
          initStep = outStep;
        }
      }
      blockRow(segments, count, length, stride * channelBytes, outWidth, init, initStep, y + offset, outStep, width, valid, pairs, inner, row);
    }
  }
}

/**
 * Input gradient at stride 2: every input voxel is reached by one tap along an axis (even index, or kernel of 2) or two
 * (odd index). Weights are packed by the eight parities in turn, taps of a parity from the far one to the near one.
 *
 * Parameters: dy, packed weights, dx, zeros, dx D H W channels, dy D H W channels, kernel, dx planes per task.
 * Task: a block and a slab of dx planes.
 */
export function convolveBack2(params: usize, task: usize, scratch: usize): void {
  const dy = word(params, 0), dx = word(params, 2), zeros = word(params, 3);
  const depth = word(params, 4), height = word(params, 5), w = word(params, 6), outputs = word(params, 7);
  const inDepth = word(params, 8), inHeight = word(params, 9), inWidth = word(params, 10), inner = word(params, 11);
  const kernel = word(params, 12), planes = word(params, 13);
  const slabs = (depth + planes - 1) / planes;
  const block = task / slabs;
  const firstPlane = (task % slabs) * planes, endPlane = min(firstPlane + planes, depth);
  const base = blockBase(outputs, block), width = blockWidth(outputs, block), valid = min(width, outputs - base);
  const weights = word(params, 1) + ((base * kernel * kernel * kernel * inner) << 2);
  const segments = scratch + segmentsAt, tags = scratch + tagsAt, row = scratch + rowAt;
  const ring = row + ((w + 2) << 6);
  const channelBytes = inner << 2;
  const rowBytes = (inWidth + 2) * channelBytes;
  const inRowBytes = inWidth * channelBytes;
  const tapBytes = channelBytes * width;
  emptyRing(tags, ring, 4, rowBytes);
  for (let z = firstPlane; z < endPlane; z++) {
    const zTaps = tapsOf(kernel, z & 1);
    for (let yy: usize = 0; yy < height; yy++) {
      const yTaps = tapsOf(kernel, yy & 1);
      for (let px: usize = 0; px < 2; px++) {
        const xTaps = tapsOf(kernel, px);
        const voxels = (w + 1 - px) >> 1;
        if (voxels == 0) continue;
        const first = weights + tapsBefore(kernel, z & 1, yy & 1, px) * tapBytes;
        let count: usize = 0;
        for (let tz: usize = 0; tz < zTaps; tz++) {
          const iz = (z >> 1) + tz;
          if (iz >= inDepth) continue;
          for (let ty: usize = 0; ty < yTaps; ty++) {
            const iy = (yy >> 1) + ty;
            if (iy >= inHeight) continue;
            const at = iz * inHeight + iy;
            const source = ringRow(tz * 2 + (iy & 1), tags, ring, rowBytes, <u32>at + 1, dy + at * inRowBytes, 0, inRowBytes);
            const segment = segments + (count << 3);
            store<u32>(segment, <u32>source);
            store<u32>(segment, <u32>(first + (tz * yTaps + ty) * xTaps * tapBytes), 4);
            count++;
          }
        }
        const voxel = (z * height + yy) * w + px;
        const offset = (voxel * outputs + base) << 2;
        blockRow(segments, count, xTaps * channelBytes, channelBytes, voxels, zeros, 0, dx + offset, outputs << 3, width, valid, false, inner, row);
      }
    }
  }
}

function tapsOf(kernel: usize, parity: usize): usize {
  return kernel == 3 ? 1 + parity : 1;
}

/** Taps of all parities before (pz, py, px), in the order z, y, x. */
function tapsBefore(kernel: usize, pz: usize, py: usize, px: usize): usize {
  if (kernel == 2) return pz * 4 + py * 2 + px;
  return (pz ? 9 : 0) + (1 + pz) * ((py ? 3 : 0) + (1 + py) * px);
}

/** Of a long sum: so many rows of a packed block, 16 KB, stay in the first cache while rows pass over them. */
const innerAtOnce: usize = 256;

/**
 * c = a b + bias + addend over rows: kernels of 1, dense layers, matrix products.
 *
 * Parameters: a [rows, inner], packed b, c [rows, outputs], bias or zeros, whether there is a bias, addend or 0, rows,
 * inner, outputs, rows per task, whether only blocks that reach the diagonal of a symmetric c are wanted. Task: a block
 * and a slab of rows.
 */
export function multiplyRows(params: usize, task: usize, scratch: usize): void {
  const bias = word(params, 3), hasBias = word(params, 4), addend = word(params, 5);
  const rows = word(params, 6), inner = word(params, 7), outputs = word(params, 8), perTask = word(params, 9);
  const slabs = (rows + perTask - 1) / perTask;
  const block = task / slabs;
  const start = (task % slabs) * perTask;
  const n = min(perTask, rows - start);
  const base = blockBase(outputs, block), width = blockWidth(outputs, block), valid = min(width, outputs - base);
  if (word(params, 10) && base + width <= start) return;
  const segments = scratch + segmentsAt, row = scratch + rowAt;
  const a = word(params, 0) + ((start * inner) << 2), b = word(params, 1) + ((base * inner) << 2);
  const offset = (start * outputs + base) << 2;
  const outStep = outputs << 2;
  let init = hasBias ? bias + (base << 2) : bias;
  let initStep: usize = 0;
  if (addend) {
    if (hasBias) {
      startOfRow(row, width, n, init, addend + offset, outStep);
      init = row;
      initStep = width << 2;
    } else {
      init = addend + offset;
      initStep = outStep;
    }
  }
  const c = word(params, 2) + offset;
  // A block that is not full cannot start from what it wrote: it is summed at once.
  const most = valid < width ? inner : innerAtOnce;
  for (let from: usize = 0; from < inner; from += most) {
    const length = min(most, inner - from);
    store<u32>(segments, <u32>(a + (from << 2)));
    store<u32>(segments, <u32>(b + ((from * width) << 2)), 4);
    blockRow(segments, 1, length << 2, inner << 2, n, init, initStep, c, outStep, width, valid, false, inner, row);
    init = c;
    initStep = outStep;
  }
}
