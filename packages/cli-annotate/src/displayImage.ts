import type { ImageFile } from "@ensam/core/files";
import { type Affine, poolingFactors, voxelToWorld, type Zyx } from "@ensam/core/geometry";
import { percentiles, type VoxelArray, type Window, windows } from "@ensam/core/voxels";
import type { DisplayWindow } from "./protocol.ts";

const headerBytes = 352;
const float32 = 16;

/**
 * The image as the bytes of a NIfTI-1 file for the page: its own grid and values, an affine, no scaling, no qform,
 * since viewers differ on files that leave these open. Types that a viewer may not know become float32; what is no
 * finite number becomes the smallest value.
 *
 * @param window  goes into the header (cal_min, cal_max)
 */
export function displayImage(
  { volume, affine }: Pick<ImageFile, "volume" | "affine">,
  window?: Pick<DisplayWindow, "low" | "high">,
): Uint8Array {
  const { data, code } = shownData(volume.data);
  const bytes = new Uint8Array(headerBytes + data.byteLength);
  const header = new DataView(bytes.buffer);
  const [depth, height, width] = volume.shape;
  const [z, y, x] = volume.spacing;
  header.setInt32(0, 348, true);
  for (const [i, size] of [3, width, height, depth, 1, 1, 1, 1].entries()) header.setInt16(40 + 2 * i, size, true);
  header.setInt16(70, code, true);
  header.setInt16(72, 8 * data.BYTES_PER_ELEMENT, true);
  for (const [i, size] of [1, x, y, z].entries()) header.setFloat32(76 + 4 * i, size, true);
  header.setFloat32(108, headerBytes, true);
  header.setFloat32(112, 1, true);
  header.setUint8(123, 2); // Millimetres.
  header.setFloat32(124, window?.high ?? 0, true);
  header.setFloat32(128, window?.low ?? 0, true);
  header.setInt16(254, 2, true); // The sform counts.
  for (let i = 0; i < 12; i++) header.setFloat32(280 + 4 * i, affine[i]!, true);
  bytes.set([0x6e, 0x2b, 0x31, 0], 344); // "n+1"
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), headerBytes);
  return bytes;
}

/** Images with more voxels are shown coarse first. */
export const largestAtOnce = 2 ** 23;
const previewVoxels = 2 ** 21;

/** A coarse image of the same place in the same form. */
export function previewImage(file: Pick<ImageFile, "volume" | "affine">): Uint8Array {
  return displayImage(coarseVolume(file));
}

/** An image of the same place with few voxels: the middle one of each block. */
export function coarseVolume({ volume, affine }: Pick<ImageFile, "volume" | "affine">) {
  const { data, shape, spacing } = volume;
  const steps = poolingFactors(shape, previewVoxels);
  const from = steps.map((step, axis) => Math.min(step >> 1, shape[axis]! - 1)) as unknown as Zyx;
  const size = shape.map((length, axis) => Math.ceil((length - from[axis]!) / steps[axis]!)) as unknown as Zyx;
  const coarse = new (data.constructor as Float32ArrayConstructor)(size[0] * size[1] * size[2]) as VoxelArray;
  let to = 0;
  for (let z = from[0]; z < shape[0]; z += steps[0]) {
    for (let y = from[1]; y < shape[1]; y += steps[1]) {
      const row = (z * shape[1] + y) * shape[2];
      for (let x = from[2]; x < shape[2]; x += steps[2]) coarse[to++] = data[row + x]!;
    }
  }
  const origin = voxelToWorld(affine, from);
  // Columns are x, y, z.
  const placed = affine.map((value, index) =>
    index >= 12 ? value : index % 4 === 3 ? origin[(index - 3) / 4]! : value * steps[2 - (index % 4)]!,
  );
  const mm = spacing.map((length, axis) => length * steps[axis]!) as unknown as Zyx;
  return { volume: { data: coarse, shape: size, spacing: mm }, affine: placed as unknown as Affine };
}

function shownData(data: VoxelArray): { data: VoxelArray; code: number } {
  if (data instanceof Uint8Array) return { data, code: 2 };
  if (data instanceof Int16Array) return { data, code: 4 };
  if (data instanceof Uint16Array) return { data, code: 512 };
  if (data instanceof Int8Array) return { data: Int16Array.from(data), code: 4 };
  const [low] = valueRange(data);
  const finite = Float32Array.from(data);
  for (let i = 0; i < finite.length; i++) if (!Number.isFinite(finite[i]!)) finite[i] = low;
  return { data: finite, code: float32 };
}

/** The smallest and the largest finite value; 0 and 1 where there is none. */
export function valueRange(data: VoxelArray): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value < low && value > Number.NEGATIVE_INFINITY) low = value;
    if (value > high && value < Number.POSITIVE_INFINITY) high = value;
  }
  return low <= high ? [low, high] : [0, 1];
}

/**
 * The windows that the page offers, the best first: those of CT, and for every image its percentiles and its full
 * range.
 */
export function displayWindows(data: VoxelArray, range: readonly [number, number], ct?: Window): DisplayWindow[] {
  const full = { name: "full range", low: range[0], high: range[1] > range[0] ? range[1] : range[0] + 1 };
  const automatic = { ...percentileWindow(data, full), name: "automatic" };
  if (ct === undefined) return [automatic, full];
  const named = Object.entries(windows).map(([name, window]) => ({ name, ...edges(window) }));
  const usual = named.find(({ low, high }) => low === edges(ct).low && high === edges(ct).high);
  const first = usual ?? { name: `${ct.width}/${ct.level}`, ...edges(ct) };
  return [first, ...named.filter((window) => window !== usual), automatic, full];
}

function edges({ width, level }: Window): { low: number; high: number } {
  return { low: level - width / 2, high: level + width / 2 };
}

function percentileWindow(data: VoxelArray, full: { low: number; high: number }): { low: number; high: number } {
  const [low, high] = percentiles(data, [0.5, 99.5]) ?? [full.low, full.high];
  return high! > low! ? { low: low!, high: high! } : full;
}
