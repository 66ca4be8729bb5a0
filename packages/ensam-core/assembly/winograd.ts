import { blockBase, blockCount, blockWidth } from "./blocks";
import { row16, row4, row8 } from "./rows";
import { word } from "./simd";
import { apart, prepareNorm, transformAlongYX, transformAlongZ } from "./winogradInput";
import { tilesBack } from "./winogradOutput";
import { eightToFour, fourToFour } from "./winogradRows";

/** points[p] = inputs[p] weights[p] for the 64 points. */
function multiplyPoints(
  segment: usize, inputs: usize, inputStep: usize, padded: usize, weights: usize, channels: usize, outputs: usize, all: usize,
  tiles: usize, points: usize, pointStep: usize, zeros: usize,
): void {
  const xStep = padded << 2, yStep = all << 2, length = channels << 2;
  const blocks = blockCount(outputs);
  for (let p: usize = 0; p < 64; p++) {
    store<u32>(segment, <u32>(inputs + p * inputStep));
    const plane = weights + p * (((all * channels) << 2) + apart);
    for (let b: usize = 0; b < blocks; b++) {
      const base = blockBase(outputs, b), width = blockWidth(outputs, b);
      const w = plane + ((base * channels) << 2);
      store<u32>(segment, <u32>w, 4);
      const to = points + p * pointStep + (base << 2);
      if (width == 16) row16(segment, 1, length, xStep, tiles, zeros, 0, to, yStep);
      else if (width == 8) row8(segment, 1, length, xStep, tiles, zeros, 0, 16, to, yStep, 16);
      else if (channels == 4) fourToFour(inputs + p * inputStep, xStep, w, tiles, to, yStep);
      else if (channels == 8) eightToFour(inputs + p * inputStep, xStep, w, tiles, to, yStep);
      else row4(segment, 1, length, xStep, tiles, zeros, 0, to, yStep);
    }
  }
}

/**
 * y = conv(x, w) + bias + addend for kernels of 3 at stride 1, by Winograd's F(2,3) along each axis; also the input
 * gradient. A norm + ReLU in front of it is computed as x is read.
 *
 * Parameters: x, transformed weights, y, bias or zeros, addend or 0, D H W, input channels, output channels, output
 * channels of all blocks, tiles along x at a time, rows of tiles at a time, rows of tiles per task, zeros, then the
 * norm's as of prepareNorm. Task: two planes of y, a range of x, a range of rows.
 */
export function winograd(params: usize, task: usize, scratch: usize): void {
  const x = word(params, 0), weights = word(params, 1), y = word(params, 2), bias = word(params, 3), addend = word(params, 4);
  const depth = word(params, 5), height = word(params, 6), w = word(params, 7);
  const channels = word(params, 8), outputs = word(params, 9), all = word(params, 10);
  const along = word(params, 11), rows = word(params, 12), perTask = word(params, 13), zeros = word(params, 14);
  const tilesX = (w + 1) >> 1, tilesY = (height + 1) >> 1;
  const chunks = (tilesX + along - 1) / along, parts = (tilesY + perTask - 1) / perTask;
  const part = task % parts, chunk = (task / parts) % chunks, tz = task / (parts * chunks);
  const firstTile = chunk * along, tiles = min(along, tilesX - firstTile);
  const padded = (channels + 3) & ~3;
  const positions = tiles * 2 + 2;
  const segment = scratch;
  const rowBytes = (positions * padded) << 2;
  const norm = prepareNorm(params, 15, channels, scratch + 64);
  const ring = scratch + 64 + ((padded * 3) << 2);
  const inputs = ring + (((along * 2 + 2) * padded) << 6);
  const inputStep = ((rows * along * padded) << 2) + apart;
  const points = inputs + (inputStep << 6);
  const pointStep = ((rows * along * all) << 2) + apart;
  const z = tz << 1, firstVoxel = firstTile << 1, voxels = min(tiles << 1, w - firstVoxel);
  const voxelStep = outputs << 2, rowStep = w * voxelStep, planeStep = height * rowStep;
  const end = min(tilesY, (part + 1) * perTask);
  let ready: isize = ((part * perTask) << 1) - 1;
  for (let ty = part * perTask; ty < end; ty += rows) {
    const n = min(rows, end - ty);
    for (let r: usize = 0; r < n; r++) {
      const top = <isize>((ty + r) << 1) - 1;
      for (; ready < top + 4; ready++) {
        const slot = ring + (<usize>(ready + 1) & 3) * rowBytes;
        transformAlongZ(
          x, depth, height, w, channels, <isize>z - 1, ready, <isize>firstVoxel - 1, positions, norm, slot, rowBytes << 2,
        );
      }
      const at = inputs + ((r * tiles * padded) << 2);
      for (let a: usize = 0; a < 4; a++) {
        const from = ring + a * (rowBytes << 2);
        const r0 = from + (<usize>(top + 1) & 3) * rowBytes, r1 = from + (<usize>(top + 2) & 3) * rowBytes;
        const r2 = from + (<usize>(top + 3) & 3) * rowBytes, r3 = from + (<usize>(top + 4) & 3) * rowBytes;
        transformAlongYX(r0, r1, r2, r3, tiles, padded << 2, at + ((a * inputStep) << 4), inputStep);
      }
    }
    multiplyPoints(segment, inputs, inputStep, padded, weights, channels, outputs, all, n * tiles, points, pointStep, zeros);
    for (let r: usize = 0; r < n; r++) {
      const row = (ty + r) << 1;
      const to = y + ((z * height + row) * w + firstVoxel) * voxelStep;
      const from = points + ((r * tiles * all) << 2);
      for (let k: usize = 0; k < outputs; k += 4) {
        tilesBack(
          from + (k << 2), pointStep, all << 2, voxels, bias == zeros ? zeros : bias + (k << 2), addend ? addend - y : 0,
          to + (k << 2), voxelStep, rowStep, planeStep, row + 1 < height, z + 1 < depth, min(<usize>4, outputs - k),
        );
      }
    }
  }
}
