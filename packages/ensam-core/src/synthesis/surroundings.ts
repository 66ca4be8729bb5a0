import type { Grid, RandomStream, Zyx } from "../voxels/index.ts";
import { organic } from "./organic.ts";
import { roughField } from "./smoothField.ts";

/**
 * Tissues where a label map says nothing: regions of one or two smooth fields, cut at random levels, with blobs among
 * them that look like objects and are none, and sometimes air outside of a body. Returns a tissue number from 0 for
 * every voxel.
 */
export function drawSurroundings(shape: Zyx, random: RandomStream): { tissues: Uint8Array; count: number } {
  const tissues = new Uint8Array(shape[0] * shape[1] * shape[2]);
  const grid = { data: tissues, shape };
  const count = layers(grid, random);
  const blobs = random.float() < 0.6 ? random.int(1, 7) : 0;
  for (let i = 0; i < blobs; i++) addBlob(grid, count + (i % 3), random);
  return { tissues, count: count + Math.min(3, blobs) };
}

function layers({ data, shape }: Grid<Uint8Array>, random: RandomStream): number {
  const levels = random.int(0, 4);
  if (levels === 0) return 1;
  const cuts = Array.from({ length: levels }, () => 0.9 * random.normal());
  const field = roughField(random);
  const longest = Math.max(...shape);
  const scale = random.uniform(1.2, 4) / longest;
  let index = 0;
  for (let z = 0; z < shape[0]; z++) {
    for (let y = 0; y < shape[1]; y++) {
      for (let x = 0; x < shape[2]; x++, index++) {
        const value = field(z * scale, y * scale, x * scale);
        let tissue = 0;
        for (const cut of cuts) if (value > cut) tissue++;
        data[index] = tissue;
      }
    }
  }
  return levels + 1;
}

function addBlob({ data, shape }: Grid<Uint8Array>, tissue: number, random: RandomStream): void {
  const longest = Math.max(...shape);
  const radius = () => longest * random.uniform(0.04, 0.22);
  const centre: Zyx = [random.uniform(0, shape[0]), random.uniform(0, shape[1]), random.uniform(0, shape[2])];
  const solid = organic(random, { centre, radii: [radius(), radius(), radius()], roughness: 0.15 });
  const span = (axis: 0 | 1 | 2) => [
    Math.max(0, Math.floor(centre[axis] - solid.reach[axis])),
    Math.min(shape[axis], Math.ceil(centre[axis] + solid.reach[axis])),
  ];
  const [zs, ys, xs] = [span(0), span(1), span(2)];
  for (let z = zs[0]!; z < zs[1]!; z++) {
    for (let y = ys[0]!; y < ys[1]!; y++) {
      const row = (z * shape[1] + y) * shape[2];
      for (let x = xs[0]!; x < xs[1]!; x++) if (solid.depth(z, y, x) > 0) data[row + x] = tissue;
    }
  }
}
