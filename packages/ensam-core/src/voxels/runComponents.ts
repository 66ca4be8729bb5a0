import type { Runs } from "./runs.ts";

export interface RunComponents {
  /** For each run its component, from 0, numbered by the first voxel in C order. */
  readonly component: Int32Array;
  /** Voxels of each component. */
  readonly sizes: number[];
}

/** The 26-connected components of an object (voxels that share a face, an edge or a corner), by union of its runs. */
export function runComponents(runs: Runs): RunComponents {
  const { start, end, rowStart, box } = runs;
  const parent = new Int32Array(start.length);
  for (let run = 0; run < parent.length; run++) parent[run] = run;
  const depth = box.max[0] - box.min[0];
  const height = box.max[1] - box.min[1];
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      const row = z * height + y;
      if (rowStart[row] === rowStart[row + 1]) continue;
      if (y > 0) joinRows(runs, parent, row, row - 1);
      if (z === 0) continue;
      if (y > 0) joinRows(runs, parent, row, row - height - 1);
      joinRows(runs, parent, row, row - height);
      if (y + 1 < height) joinRows(runs, parent, row, row - height + 1);
    }
  }
  const sizes: number[] = [];
  const component = new Int32Array(parent.length);
  for (let run = 0; run < parent.length; run++) {
    // A root is the first run of its component, so it is met before the others.
    const root = find(parent, run);
    if (root === run) component[run] = sizes.push(0) - 1;
    else component[run] = component[root]!;
    sizes[component[run]!]! += end[run]! - start[run]!;
  }
  return { component, sizes };
}

/** Joins the runs of two neighbouring rows that touch, corners included. */
function joinRows({ start, end, rowStart }: Runs, parent: Int32Array, row: number, other: number): void {
  let a = rowStart[row]!;
  const aEnd = rowStart[row + 1]!;
  let b = rowStart[other]!;
  const bEnd = rowStart[other + 1]!;
  while (a < aEnd && b < bEnd) {
    if (end[b]! < start[a]!) b++;
    else if (end[a]! < start[b]!) a++;
    else {
      unite(parent, a, b);
      if (end[a]! < end[b]!) a++;
      else b++;
    }
  }
}

function unite(parent: Int32Array, a: number, b: number): void {
  const rootA = find(parent, a);
  const rootB = find(parent, b);
  if (rootA < rootB) parent[rootB] = rootA;
  else parent[rootA] = rootB;
}

function find(parent: Int32Array, run: number): number {
  let node = run;
  while (parent[node] !== node) {
    parent[node] = parent[parent[node]!]!;
    node = parent[node]!;
  }
  return node;
}
