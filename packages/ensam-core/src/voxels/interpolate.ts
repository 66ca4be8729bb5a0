/**
 * For each voxel of an axis: the two cells it lies between and how far it is on the way from the first to the second.
 */
export interface AxisWeights {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly toward: Float64Array;
}

/**
 * Linear interpolation from cells to voxels along one axis, with `factor` voxels per cell. Voxel i has its centre at
 * cell coordinate (i + 0.5) / factor - 0.5, held inside the first and the last centre: align_corners = false, and
 * exactly the inverse of pooling also when the last cell is not full.
 */
export function axisWeights(voxels: number, cells: number, factor: number): AxisWeights {
  const low = new Int32Array(voxels);
  const high = new Int32Array(voxels);
  const toward = new Float64Array(voxels);
  for (let i = 0; i < voxels; i++) {
    const cell = Math.min(Math.max((i + 0.5) / factor - 0.5, 0), cells - 1);
    low[i] = Math.floor(cell);
    high[i] = Math.min(low[i]! + 1, cells - 1);
    toward[i] = cell - low[i]!;
  }
  return { low, high, toward };
}

/** The voxels, half-open, that the cells first..last (inclusive) have any weight on. */
export function reach(first: number, last: number, factor: number, voxels: number): readonly [number, number] {
  if (factor === 1) return [first, Math.min(last + 1, voxels)];
  return [Math.max(0, (first - 1) * factor), Math.min(voxels, (last + 2) * factor)];
}
