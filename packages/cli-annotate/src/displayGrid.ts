/** A voxel of the stored grid. */
export type Zyx = readonly [z: number, y: number, x: number];
/** A voxel as NiiVue counts it: to the right, to the front, up, each as nearly as the stored axes run. */
export type RasVoxel = readonly [right: number, anterior: number, superior: number];

/**
 * How NiiVue turns a stored grid: RAS axis d is the stored axis |perm[d]| - 1 (0 = x), run backwards where perm[d] < 0.
 */
export interface DisplayGrid {
  readonly shape: Zyx;
  readonly perm: readonly [number, number, number];
  /** Voxels along the RAS axes. */
  readonly size: RasVoxel;
}

export function displayGrid(shape: Zyx, perm: readonly number[]): DisplayGrid {
  const axes = perm.map((signed) => Math.abs(signed) - 1);
  if ([0, 1, 2].some((axis) => !axes.includes(axis)))
    throw new Error(`displayGrid: expected three axes, got [${perm}]`);
  const size = axes.map((axis) => shape[2 - axis]!) as unknown as RasVoxel;
  return { shape, perm: perm.slice(0, 3) as unknown as DisplayGrid["perm"], size };
}

export function toStored({ perm, size }: DisplayGrid, ras: RasVoxel): Zyx {
  const zyx = [0, 0, 0];
  for (const d of [0, 1, 2] as const) {
    zyx[3 - Math.abs(perm[d])] = perm[d] < 0 ? size[d] - 1 - ras[d] : ras[d];
  }
  return zyx as unknown as Zyx;
}

export function toRas({ perm, size }: DisplayGrid, zyx: Zyx): RasVoxel {
  const ras = ([0, 1, 2] as const).map((d) => {
    const index = zyx[3 - Math.abs(perm[d])]!;
    return perm[d] < 0 ? size[d] - 1 - index : index;
  });
  return ras as unknown as RasVoxel;
}

export interface RasBlock {
  readonly origin: RasVoxel;
  readonly size: RasVoxel;
  /** The right axis fastest. */
  readonly data: Uint8Array;
}

/** A block of the stored grid (half-open, C order) in the order of NiiVue's textures. */
export function blockToRas(grid: DisplayGrid, min: Zyx, max: Zyx, labels: Uint8Array): RasBlock {
  const [a, b] = [toRas(grid, min), toRas(grid, [max[0] - 1, max[1] - 1, max[2] - 1])];
  const origin = a.map((value, d) => Math.min(value, b[d]!)) as unknown as RasVoxel;
  const size = a.map((value, d) => Math.abs(value - b[d]!) + 1) as unknown as RasVoxel;
  const [height, width] = [max[1] - min[1], max[2] - min[2]];
  // Where the block's first voxel lies in the stored block, and by how much a step along each RAS axis moves there.
  const strides = [height * width, width, 1];
  const first = toStored(grid, origin);
  let start = 0;
  const step = [0, 0, 0];
  for (const axis of [0, 1, 2] as const) start += (first[axis] - min[axis]) * strides[axis]!;
  for (const d of [0, 1, 2] as const) step[d] = Math.sign(grid.perm[d]) * strides[3 - Math.abs(grid.perm[d])]!;
  const data = new Uint8Array(labels.length);
  let to = 0;
  for (let s = 0; s < size[2]; s++) {
    for (let r = 0; r < size[1]; r++) {
      let from = start + s * step[2]! + r * step[1]!;
      for (let i = 0; i < size[0]; i++, from += step[0]!) data[to++] = labels[from]!;
    }
  }
  return { origin, size, data };
}

/** Stored flat indices (C order) as ascending runs: first index and length in turn. */
export function runsOf(indices: Iterable<number>): number[] {
  const sorted = [...new Set(indices)].sort((a, b) => a - b);
  const runs: number[] = [];
  for (const index of sorted) {
    if (runs.length > 0 && runs.at(-2)! + runs.at(-1)! === index) runs[runs.length - 1]! += 1;
    else runs.push(index, 1);
  }
  return runs;
}
