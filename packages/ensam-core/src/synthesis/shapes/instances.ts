import type { RandomStream, Zyx } from "../../voxels/index.ts";
import { smoothField } from "../smoothField.ts";
import type { Solid } from "../solid.ts";
import { drawBlob } from "./blobs.ts";
import { type Canvas, eachNear } from "./canvas.ts";

/** Touching instances, like cells in a tissue or packed nuclei: each voxel of an organ belongs to its nearest seed. */
export function instances(target: Canvas, random: RandomStream): void {
  const [size] = target.shape;
  const tissue = random.float() < 0.4 ? everywhere(size) : drawBlob(size, 0.25, 0.45, random);
  const pitch = size * random.uniform(0.13, 0.3);
  const seeds = drawSeeds(tissue, size, pitch, random);
  const [gap, reach] = [pitch * Math.max(0, random.uniform(-0.15, 0.2)), pitch * random.uniform(0.42, 0.9)];
  const [bend, amount] = [smoothField(random), pitch * random.uniform(0, 0.25)];
  eachNear(target, tissue, (index, z, y, x) => {
    if (tissue.depth(z, y, x) <= 0) return;
    const moved = amount * bend((3 * z) / size, (3 * y) / size, (3 * x) / size);
    const { label, nearest, second } = nearestSeed(seeds, z + moved, y + moved, x - moved);
    if (nearest < reach && second - nearest >= gap) target.data[index] = label;
  });
}

function everywhere(size: number): Solid {
  return { centre: [size / 2, size / 2, size / 2], reach: [size, size, size], depth: () => 1 };
}

/** A grid of seeds, each moved at random, that lie in the tissue. */
function drawSeeds(tissue: Solid, size: number, pitch: number, random: RandomStream): Zyx[] {
  const seeds: Zyx[] = [];
  for (let z = pitch / 2; z < size; z += pitch) {
    for (let y = pitch / 2; y < size; y += pitch) {
      for (let x = pitch / 2; x < size; x += pitch) {
        const moved = () => 0.45 * pitch * random.uniform(-1, 1);
        const seed: Zyx = [z + moved(), y + moved(), x + moved()];
        if (tissue.depth(...seed) > -0.2 * pitch) seeds.push(seed);
      }
    }
  }
  return seeds;
}

function nearestSeed(seeds: readonly Zyx[], z: number, y: number, x: number) {
  let [label, nearest, second] = [0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let i = 0; i < seeds.length; i++) {
    const seed = seeds[i]!;
    const distance = (z - seed[0]) ** 2 + (y - seed[1]) ** 2 + (x - seed[2]) ** 2;
    if (distance < nearest) [label, nearest, second] = [i + 1, distance, nearest];
    else if (distance < second) second = distance;
  }
  return { label, nearest: Math.sqrt(nearest), second: Math.sqrt(second) };
}
