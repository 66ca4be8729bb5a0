import type { RandomStream } from "../../voxels/index.ts";
import { smoothField } from "../smoothField.ts";
import { drawBlob } from "./blobs.ts";
import { type Canvas, eachNear, fill } from "./canvas.ts";

/** Walls and membranes: the hull of an organ with what is in it, or a folded sheet. */
export function sheets(target: Canvas, random: RandomStream): void {
  if (random.float() < 0.5) hull(target, random);
  else foldedSheet(target, random);
}

function hull(target: Canvas, random: RandomStream): void {
  const [size] = target.shape;
  const organ = drawBlob(size, 0.18, 0.4, random);
  const wall = size * random.uniform(0.02, 0.07);
  fill(target, organ, 1);
  fill(target, { ...organ, depth: (z, y, x) => organ.depth(z, y, x) - wall }, random.float() < 0.6 ? 2 : 0);
}

/** Where a smooth field is near a level, inside of an organ. */
function foldedSheet(target: Canvas, random: RandomStream): void {
  const [size] = target.shape;
  const inside = drawBlob(size, 0.25, 0.45, random);
  const field = smoothField(random);
  const scale = random.uniform(1, 2.5) / size;
  const level = 0.4 * random.normal();
  const thickness = random.uniform(0.08, 0.25);
  eachNear(target, inside, (index, z, y, x) => {
    if (Math.abs(field(z * scale, y * scale, x * scale) - level) > thickness) return;
    if (inside.depth(z, y, x) > 0) target.data[index] = 1;
  });
}
