import { blockBase, blockWidth } from "./blocks";
import { gradient16, gradient4, gradient8 } from "./gradientRows";
import { word } from "./simd";

// Partial filter gradients lie as [block][kz ky][slab][accumulators]: accumulators of a block of width 16 or 8 are
// [kx, channel][width], those of width 4 [kx, channel / 8][4][8]. Slabs are fixed by the shape and added in their
// order, so that the number of threads cannot change a bit.

/** Floats of one accumulator array. */
function accumulators(width: usize, length: usize): usize {
  return width == 4 ? ((length + 7) & ~7) << 2 : length * width;
}

/** acc += xᵀ dy over a block of rows, as of gradientRows.ts. */
export function gradientRows(
  x: usize, xStep: usize, xRow: usize, dy: usize, voxels: usize, rows: usize, length: usize, acc: usize, width: usize,
): void {
  if (width == 16) gradient16(x, xStep, xRow, dy, voxels, rows, length, acc);
  else if (width == 8) gradient8(x, xStep, xRow, dy, voxels, rows, length, acc);
  else gradient4(x, xStep, xRow, dy, voxels, rows, length, acc);
}

/** `n` voxels of one block of channels, dense: [n][width], zeros where the block is wider than its channels. */
function packBlock(from: usize, step: usize, n: usize, width: usize, valid: usize, to: usize): void {
  if (valid == width) {
    for (let v: usize = 0; v < n; v++) {
      for (let t: usize = 0; t < width << 2; t += 16) v128.store(to + t, v128.load(from + t));
      from += step;
      to += width << 2;
    }
    return;
  }
  for (let v: usize = 0; v < n; v++) {
    for (let t: usize = 0; t < width; t++) store<f32>(to + (t << 2), t < valid ? load<f32>(from + (t << 2)) : 0);
    from += step;
    to += width << 2;
  }
}

/**
 * Partial filter gradients of kernels of 3 (padding 1) and 2.
 *
 * Parameters: x, dy, partials, x D H W channels, dy D H W channels, stride, kernel, slabs, rows at a time.
 * Task: a block, a (kz, ky) and a slab of dy planes.
 */
export function filterGradient(params: usize, task: usize, scratch: usize): void {
  const x = word(params, 0), dy = word(params, 1);
  const depth = word(params, 3), height = word(params, 4), w = word(params, 5), inner = word(params, 6);
  const outDepth = word(params, 7), outHeight = word(params, 8), outWidth = word(params, 9), outputs = word(params, 10);
  const stride = word(params, 11), kernel = word(params, 12), slabs = word(params, 13), group = word(params, 14);
  const slab = task % slabs;
  const squares = kernel * kernel;
  const tap = (task / slabs) % squares;
  const block = task / (slabs * squares);
  const kz = tap / kernel, ky = tap % kernel;
  const base = blockBase(outputs, block), width = blockWidth(outputs, block), valid = min(width, outputs - base);
  const length = kernel * inner;
  const size = accumulators(width, length);
  const acc = word(params, 2) + ((base * length * squares * slabs + (tap * slabs + slab) * size) << 2);
  memory.fill(acc, 0, size << 2);

  const padded = kernel == 3;
  const pad: usize = padded ? 1 : 0;
  const channelBytes = inner << 2;
  const inRowBytes = w * channelBytes;
  const rowBytes = (w + 2) * channelBytes;
  const rows = scratch;
  const packed = scratch + ((group * rowBytes + 95) & ~63);
  if (padded) memory.fill(rows, 0, group * rowBytes + 32);

  const firstRow: usize = pad > ky ? 1 : 0;
  const endRow = min(outHeight, (height + pad - ky + stride - 1) / stride);
  const firstPlane = (outDepth * slab) / slabs, endPlane = (outDepth * (slab + 1)) / slabs;
  for (let z = firstPlane; z < endPlane; z++) {
    const iz = z * stride + kz - pad;
    if (iz >= depth) continue;
    for (let yy = firstRow; yy < endRow; yy += group) {
      const n = min(group, endRow - yy);
      const iy = yy * stride + ky - pad;
      let source = x + (iz * height + iy) * inRowBytes;
      let xRow = stride * inRowBytes;
      if (padded) {
        for (let r: usize = 0; r < n; r++) memory.copy(rows + r * rowBytes + channelBytes, source + r * xRow, inRowBytes);
        source = rows;
        xRow = rowBytes;
      }
      let g = dy + (((z * outHeight + yy) * outWidth * outputs + base) << 2);
      if (outputs != width) {
        packBlock(g, outputs << 2, n * outWidth, width, valid, packed);
        g = packed;
      }
      gradientRows(source, stride * channelBytes, xRow, g, outWidth, n, length, acc, width);
    }
  }
}

/**
 * Partial products xᵀ dy over rows: filter gradients of kernels of 1 and dense layers, matrix products aᵀ b.
 *
 * Parameters: x [rows, inner], dy [rows, outputs], partials, rows, inner, outputs, slabs. Task: a block and a slab of
 * rows.
 */
export function multiplyTransposed(params: usize, task: usize, scratch: usize): void {
  const rows = word(params, 3), inner = word(params, 4), outputs = word(params, 5), slabs = word(params, 6);
  const slab = task % slabs, block = task / slabs;
  const base = blockBase(outputs, block), width = blockWidth(outputs, block), valid = min(width, outputs - base);
  const size = accumulators(width, inner);
  const acc = word(params, 2) + ((base * inner * slabs + slab * size) << 2);
  memory.fill(acc, 0, size << 2);
  const start = (rows * slab) / slabs, end = (rows * (slab + 1)) / slabs;
  for (let r = start; r < end; r += 64) {
    const n = min(<usize>64, end - r);
    let g = word(params, 1) + ((r * outputs + base) << 2);
    if (outputs != width) {
      packBlock(g, outputs << 2, n, width, valid, scratch);
      g = scratch;
    }
    gradientRows(word(params, 0) + ((r * inner) << 2), inner << 2, 0, g, n, 1, inner, acc, width);
  }
}

/**
 * Adds the slabs' partial gradients and puts them in their place.
 *
 * Parameters: partials, target, outputs, inner channels, kernel, slabs, target stride of an output, of an inner channel
 * (in floats; taps follow each other), outputs per task. Task: a range of outputs.
 */
export function addPartials(params: usize, task: usize, _scratch: usize): void {
  const partials = word(params, 0), target = word(params, 1);
  const outputs = word(params, 2), inner = word(params, 3), kernel = word(params, 4), slabs = word(params, 5);
  const outputStride = word(params, 6), innerStride = word(params, 7), perTask = word(params, 8);
  const squares = kernel * kernel, length = kernel * inner;
  const end = min(outputs, (task + 1) * perTask);
  for (let o = task * perTask; o < end; o++) {
    const whole = outputs >> 4;
    let block = min(o >> 4, whole);
    if (block == whole && (outputs & 15) > 8 && (outputs & 15) <= 12 && (o & 15) >= 8) block++;
    const base = blockBase(outputs, block), width = blockWidth(outputs, block);
    const size = accumulators(width, length) << 2;
    const lane = o - base;
    for (let tap: usize = 0; tap < squares; tap++) {
      const from = partials + ((base * length * squares * slabs) << 2) + tap * slabs * size;
      for (let j: usize = 0; j < length; j++) {
        let p = from + ((width == 4 ? ((j >> 3) << 5) + (lane << 3) + (j & 7) : j * width + lane) << 2);
        let sum: f32 = 0;
        for (let s: usize = 0; s < slabs; s++) {
          sum += load<f32>(p);
          p += size;
        }
        const channel = j % inner, kx = j / inner;
        store<f32>(target + ((o * outputStride + channel * innerStride + tap * kernel + kx) << 2), sum);
      }
    }
  }
}
