import { voxelCount, type Zyx } from "../geometry/index.ts";

export type VoxelArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** Values on a box of voxels, in C order: x runs fastest, z slowest. */
export interface Grid<Data extends VoxelArray = VoxelArray> {
  readonly data: Data;
  readonly shape: Zyx;
}

/** A grid with the distance between voxel centres, in mm along (z, y, x). */
export interface Volume<Data extends VoxelArray = VoxelArray> extends Grid<Data> {
  readonly spacing: Zyx;
}

/** Which voxels belong to an object: 1 inside, 0 outside. */
export type Mask = Grid<Uint8Array>;

/** Several objects on one grid: the label of each voxel, 0 for background. */
export type LabelMap = Grid<Uint8Array | Uint16Array | Int32Array | Uint32Array>;

/** A grid over `data`, checked: throws where the number of values is not that of the shape. */
export function grid<Data extends VoxelArray>(data: Data, shape: Zyx): Grid<Data> {
  if (data.length !== voxelCount(shape)) {
    throw new Error(`grid: expected ${voxelCount(shape)} values for shape [${shape}], got ${data.length}`);
  }
  return { data, shape };
}

/** A label map without objects, in the smallest type that holds `largest`: uint8, uint16 or int32. */
export function emptyLabels(shape: Zyx, largest: number): LabelMap {
  const count = voxelCount(shape);
  if (largest <= 0xff) return { data: new Uint8Array(count), shape };
  if (largest <= 0xffff) return { data: new Uint16Array(count), shape };
  return { data: new Int32Array(count), shape };
}

/** A zero-filled array of the same type as `like`. */
export function zerosLike<Data extends VoxelArray>(like: Data, length: number): Data {
  const ArrayType = like.constructor as new (length: number) => Data;
  return new ArrayType(length);
}
