import type { RandomStream, Zyx } from "../../voxels/index.ts";
import { type Canvas, fillBall } from "./canvas.ts";

interface Walk {
  readonly from: Zyx;
  readonly direction: Zyx;
  readonly length: number;
  readonly radius: number;
  /** How much the direction changes in each step of one voxel. */
  readonly wander: number;
  /** Radius at the end as a part of that at the start. */
  readonly taper: number;
}

/** A ball of this radius holds the centre of a voxel wherever it lies: half the diagonal of one, and a little. */
const thinnest = 0.87;

/** Draws a winding tube until it leaves the canvas; returns where it ended and its direction there. */
function walk(
  target: Canvas,
  { from, direction, length, radius, wander, taper }: Walk,
  label: number,
  random: RandomStream,
) {
  let [at, heading] = [from, direction];
  const isInside = () => at.every((place, axis) => place >= 0 && place < target.shape[axis]!);
  for (let step = 0; step < length && isInside(); step++) {
    fillBall(target, at, Math.max(thinnest, radius * (1 + (taper - 1) * (step / length))), label);
    heading = unit(heading.map((part) => part + wander * random.normal()) as unknown as Zyx);
    at = [at[0] + heading[0], at[1] + heading[1], at[2] + heading[2]];
  }
  return { at, heading };
}

/** One to four vessels that wind through the image. */
export function tubes(target: Canvas, random: RandomStream): void {
  const [size] = target.shape;
  const count = random.int(1, 5);
  for (let label = 1; label <= count; label++) {
    const place = () => random.uniform(0.1, 0.9) * size;
    const radius = size * random.uniform(0.018, 0.08);
    const taper = random.uniform(0.5, 1.3);
    const way = { from: [place(), place(), place()] as Zyx, direction: randomDirection(random) };
    const [length, wander] = [size * random.uniform(0.5, 1.6), random.uniform(0.03, 0.22)];
    walk(target, { ...way, length, radius, wander, taper }, label, random);
  }
}

/** One or two trees: vessels, airways, neurons. */
export function trees(target: Canvas, random: RandomStream): void {
  const [size] = target.shape;
  const count = random.int(1, 3);
  for (let label = 1; label <= count; label++) {
    const place = () => random.uniform(0.15, 0.85) * size;
    const root = { from: [place(), place(), place()] as Zyx, direction: randomDirection(random) };
    const depth = random.int(2, 5);
    const [radius, length] = [size * random.uniform(0.02, 0.06), size * random.uniform(0.2, 0.45)];
    branch(target, { ...root, radius, length, wander: random.uniform(0.03, 0.15), taper: 0.8 }, depth, label, random);
  }
}

function branch(target: Canvas, way: Walk, depth: number, label: number, random: RandomStream): void {
  const { at, heading } = walk(target, way, label, random);
  if (depth === 0) return;
  const children = random.int(2, 4);
  for (let i = 0; i < children; i++) {
    const aside = randomDirection(random);
    const direction = unit([heading[0] + aside[0], heading[1] + aside[1], heading[2] + aside[2]]);
    const radius = way.radius * random.uniform(0.6, 0.85);
    const length = way.length * random.uniform(0.55, 0.95);
    branch(target, { ...way, from: at, direction, radius, length }, depth - 1, label, random);
  }
}

function randomDirection(random: RandomStream): Zyx {
  return unit([random.normal(), random.normal(), random.normal()]);
}

function unit([z, y, x]: Zyx): Zyx {
  const length = Math.hypot(z, y, x) || 1;
  return [z / length, y / length, x / length];
}
