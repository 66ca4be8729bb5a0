import type { RandomStream, Zyx } from "../../voxels/index.ts";
import { organic } from "../organic.ts";
import type { Solid } from "../solid.ts";
import { type Canvas, fill } from "./canvas.ts";

/** An organ-like solid somewhere on the canvas; radii are parts of its side. */
export function drawBlob(size: number, least: number, most: number, random: RandomStream): Solid {
  const radius = () => size * random.uniform(least, most);
  const radii: Zyx = [radius(), radius(), radius()];
  const place = () => random.uniform(0.2, 0.8) * size;
  const turn = (): number => random.uniform(-Math.PI, Math.PI);
  return organic(random, {
    centre: [place(), place(), place()],
    radii,
    turn: [turn(), turn(), turn()],
    roughness: random.uniform(0.02, 0.25),
    bumps: random.uniform(0.8, 2.5),
  });
}

/** One to five organs, later ones in front of earlier ones. */
export function blobs(target: Canvas, random: RandomStream): void {
  const count = random.int(1, 6);
  for (let label = 1; label <= count; label++) fill(target, drawBlob(target.shape[0], 0.08, 0.34, random), label);
}

/** Three to twenty tiny lesions, some of them inside of an organ: each its own label, or all one. */
export function lesions(target: Canvas, random: RandomStream): void {
  const [size] = target.shape;
  const isOne = random.float() < 0.3;
  if (random.float() < 0.5) fill(target, drawBlob(size, 0.2, 0.4, random), 100);
  const count = random.int(3, 21);
  for (let i = 1; i <= count; i++) fill(target, drawBlob(size, 0.015, 0.055, random), isOne ? 1 : i);
}

/** An organ with one to four holes; what is in a hole may be another object. */
export function holed(target: Canvas, random: RandomStream): void {
  const [size] = target.shape;
  fill(target, drawBlob(size, 0.2, 0.4, random), 1);
  const holes = random.int(1, 5);
  const isOther = random.float() < 0.4;
  for (let i = 0; i < holes; i++) {
    fill(target, drawBlob(size, 0.06, 0.18, random), isOther ? 2 + i : 0, (found) => found === 1);
  }
}
