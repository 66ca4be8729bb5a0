import { type Grid, voxelCount, type Zyx } from "../voxels/index.ts";

/** Means over blocks of `parts` voxels: what a voxel measures that is larger than the detail in it (partial volume). */
export function blockMeans(fine: Grid<Float32Array>, parts: Zyx): Grid<Float32Array> {
  const shape = blocksOf(fine.shape, parts);
  const data = new Float32Array(voxelCount(shape));
  const scale = 1 / voxelCount(parts);
  eachBlock(fine.shape, parts, (cell, index) => {
    data[cell]! += fine.data[index]! * scale;
  });
  return { data, shape };
}

/** The commonest label of each block; the smallest among equals. */
export function blockLabels(fine: Grid<Int32Array>, parts: Zyx): Grid<Int32Array> {
  if (voxelCount(parts) === 1) return fine;
  const shape = blocksOf(fine.shape, parts);
  const size = voxelCount(parts);
  const gathered = new Int32Array(voxelCount(shape) * size);
  const filled = new Uint8Array(voxelCount(shape));
  eachBlock(fine.shape, parts, (cell, index) => {
    gathered[cell * size + filled[cell]!++] = fine.data[index]!;
  });
  const data = new Int32Array(filled.length);
  for (let cell = 0; cell < data.length; cell++) data[cell] = commonest(gathered, cell * size, size);
  return { data, shape };
}

function commonest(values: Int32Array, start: number, count: number): number {
  let [best, most] = [0, 0];
  for (let i = start; i < start + count; i++) {
    const value = values[i]!;
    let times = 0;
    for (let j = start; j < start + count; j++) if (values[j] === value) times++;
    if (times > most || (times === most && value < best)) [best, most] = [value, times];
  }
  return best;
}

function blocksOf(shape: Zyx, parts: Zyx): Zyx {
  return [shape[0] / parts[0], shape[1] / parts[1], shape[2] / parts[2]];
}

function eachBlock(shape: Zyx, parts: Zyx, visit: (cell: number, index: number) => void): void {
  const [, rows, columns] = blocksOf(shape, parts);
  let index = 0;
  for (let z = 0; z < shape[0]; z++) {
    for (let y = 0; y < shape[1]; y++) {
      const row = (Math.floor(z / parts[0]) * rows + Math.floor(y / parts[1])) * columns;
      for (let x = 0; x < shape[2]; x++, index++) visit(row + Math.floor(x / parts[2]), index);
    }
  }
}
