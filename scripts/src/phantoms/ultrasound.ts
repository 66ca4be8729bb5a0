import { blur, organic, type Solid, smoothField } from "@ensam/core/synthesis";
import type { RandomStream, Zyx } from "@ensam/core/voxels";
import { type Canvas, canvas, eachVoxel, paint } from "./canvas.ts";
import { type Phantom, sampling } from "./phantom.ts";
import { inner, within, without } from "./shapes.ts";

/** Echo strength of the tissues, 1 for the strongest reflectors. Blood is nearly black. */
const ECHO = { blood: 0.0012, muscle: 0.045, tissue: 0.1, sac: 0.65, valve: 0.5 };
/** Decibels between black and white. */
const DYNAMIC_RANGE = 46;

/** A 3D echocardiogram seen from the apex: four chambers in a cone, speckle, drop-out shadows, log compression to 8 bits. */
export function ultrasoundPhantom(random: RandomStream, size: number): Phantom {
  const { shape, spacing } = sampling(
    [random.int(48, 57), random.int(60, 69), random.int(58, 66)],
    [2.7, random.uniform(2.2, 2.5), 2.5],
    size,
  );
  const target = canvas(shape, spacing, ECHO.tissue);
  paintHeart(target, random);
  const beam = cone(target, random);
  addSpeckle(target, random, beam);
  const layout = {
    axes: [0, 1, 2] as const,
    flips: [false, false, random.float() < 0.3] as const,
    tilt: random.uniform(-0.6, 0.6),
  };
  return { dataset: "US_PhantomHeart", painted: target, layout, stored: "uint8" };
}

function paintHeart(target: Canvas, random: RandomStream): void {
  const jitter = (amount: number) => random.uniform(-amount, amount);
  const clutter = smoothField(random);
  eachVoxel(target, (index, z, y, x) => {
    target.data[index] = ECHO.tissue * Math.exp(0.7 * clutter(z / 16, y / 9, x / 16));
  });
  const turn: Zyx = [0.12 + jitter(0.15), jitter(0.15), jitter(0.15)];
  const sac = organic(random, { centre: [0, 6, 0], radii: [46, 68, 52], turn, roughness: 0.04 });
  paint(target, sac, ECHO.sac);
  paint(target, inner(sac, 3.5), ECHO.muscle * 1.4);
  const beat = random.uniform(0.82, 1.1);
  const wall = random.uniform(8, 11);
  const left = { centre: [jitter(3), -8 + jitter(4), 15] as const, turn, roughness: 0.05 };
  const ventricle = organic(random, { ...left, radii: [23 * beat, 38, 21 * beat] });
  const muscle: Solid = { ...ventricle, depth: (z, y, x) => ventricle.depth(z, y, x) + wall, reach: [60, 60, 60] };
  const rightVentricle = organic(random, {
    centre: [jitter(3), -2, -26],
    radii: [22, 32, 14 * beat],
    turn: [-0.25, 0, 0],
    roughness: 0.1,
  });
  const base = 26 + jitter(2);
  const aboveBase: Solid = { centre: [0, 0, 0], reach: [500, 500, 500], depth: (_z, y, x) => base - y + 0.1 * x };
  const belowBase: Solid = { ...aboveBase, depth: (_z, y, x) => y - 0.1 * x - base - 3 };
  paint(target, within(without(rightVentricle, muscle), aboveBase), ECHO.blood, "right ventricle");
  paint(target, within(muscle, aboveBase), ECHO.muscle * 2.4, "left ventricular wall");
  paint(target, within(ventricle, aboveBase), ECHO.blood, "left ventricle");
  const atrium = organic(random, { centre: [0, base + 20, 15], radii: [21, 20, 20], turn, roughness: 0.07 });
  const rightAtrium = organic(random, { centre: [0, base + 17, -22], radii: [19, 18, 16], turn, roughness: 0.07 });
  paint(target, within(atrium, belowBase), ECHO.blood, "left atrium");
  paint(target, within(without(rightAtrium, atrium, 3), belowBase), ECHO.blood, "right atrium");
  for (const [from, to] of [
    [2, 13],
    [17, 28],
    [-36, -25],
    [-21, -12],
  ] as const) {
    const open = random.uniform(0.2, 0.6);
    const hinge = from % 2 === 0 ? from : to;
    const depth = (z: number, y: number, x: number) => {
      const along = Math.min(x - from, to - x, 17 - Math.abs(z));
      return Math.min(along, 1.7 - Math.abs(y - base - 0.1 * x + open * Math.abs(x - hinge)));
    };
    paint(target, { centre: [0, base, (from + to) / 2], reach: [20, 14, 10], depth }, ECHO.valve);
  }
}

/** Transmission along the beam: 0 outside the cone, less behind shadows and with depth. The probe is at the top (low y). */
function cone({ shape, spacing }: Canvas, random: RandomStream): Float32Array {
  const apex = -(shape[1] / 2) * spacing[1] - 7;
  const reach = shape[1] * spacing[1] + 4;
  const halfAngle = random.uniform(0.6, 0.7);
  const shadows = Array.from({ length: random.int(2, 5) }, () => ({
    direction: [random.uniform(-0.3, 0.3), random.uniform(-0.55, 0.55)] as const,
    width: random.uniform(0.08, 0.17),
    from: random.uniform(15, 60),
    through: random.uniform(0.006, 0.08),
  }));
  const beam = new Float32Array(shape[0] * shape[1] * shape[2]);
  eachVoxel({ shape, spacing }, (index, z, y, x) => {
    const depth = y - apex;
    const range = Math.hypot(z, depth, x);
    const across = Math.atan2(x, depth);
    const along = Math.atan2(z, depth);
    if (range < 10 || range > reach || Math.hypot(across / halfAngle, along / (halfAngle * 0.9)) > 1) return;
    let strength = Math.exp(-range / 190);
    for (const { direction, width, from, through } of shadows) {
      if (range < from) continue;
      const offset = ((along - direction[0]) / width) ** 2 + ((across - direction[1]) / width) ** 2;
      strength *= 1 - (1 - through) * Math.exp(-(offset ** 2));
    }
    beam[index] = strength;
  });
  return beam;
}

/** Fully developed speckle: the magnitude of complex noise as coarse as the point spread, times the root of the echo strength. */
function addSpeckle(target: Canvas, random: RandomStream, beam: Float32Array): void {
  const { data, shape } = target;
  const parts = [0, 1].map(() => {
    const part = new Float32Array(data.length);
    for (let i = 0; i < part.length; i++) part[i] = random.normal();
    blur(part, shape, [0.9, 0.45, 0.9]);
    return part;
  });
  const power = meanSquare(parts[0]!) + meanSquare(parts[1]!);
  blur(data, shape, [0.5, 0.35, 0.5]);
  for (let i = 0; i < data.length; i++) {
    const speckle = (parts[0]![i]! ** 2 + parts[1]![i]! ** 2) / power;
    const decibels = 10 * Math.log10(data[i]! * beam[i]! * (0.06 + speckle) + 1e-9);
    const grey = 255 * (1 + (decibels - 1.5) / DYNAMIC_RANGE);
    data[i] = beam[i] === 0 ? 0 : Math.round(Math.min(255, Math.max(0, grey)));
  }
}

function meanSquare(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum / values.length;
}
