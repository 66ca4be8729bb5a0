import type { RandomStream } from "../voxels/index.ts";

/** A smooth random function of space, about normal with deviation 1, period 8 along each axis. */
export type SmoothField = (z: number, y: number, x: number) => number;

const PERIOD = 8;
const WRAP = PERIOD - 1;
/** Interpolation with smooth steps averages neighbours: this brings the deviation back to about 1. */
const GAIN = 1.6;

/** Draws normal values on a lattice with unit steps and joins them by smooth interpolation. */
export function smoothField(random: RandomStream): SmoothField {
  const lattice = new Float64Array(PERIOD ** 3);
  for (let i = 0; i < lattice.length; i++) lattice[i] = random.normal();
  return (z, y, x) => {
    const z0 = Math.floor(z);
    const y0 = Math.floor(y);
    const x0 = Math.floor(x);
    const fz = smoothStep(z - z0);
    const fy = smoothStep(y - y0);
    const fx = smoothStep(x - x0);
    const near = plane(lattice, z0 & WRAP, y0, x0, fy, fx);
    const far = plane(lattice, (z0 + 1) & WRAP, y0, x0, fy, fx);
    return GAIN * (near + (far - near) * fz);
  };
}

/** Two octaves of a field: broad folds with finer ones on top, deviation about 1. */
export function roughField(random: RandomStream): SmoothField {
  const broad = smoothField(random);
  const fine = smoothField(random);
  return (z, y, x) => 0.85 * broad(z, y, x) + 0.5 * fine(2.1 * z, 2.1 * y, 2.1 * x);
}

function plane(lattice: Float64Array, z: number, y0: number, x0: number, fy: number, fx: number): number {
  const row = (z * PERIOD + (y0 & WRAP)) * PERIOD;
  const nextRow = (z * PERIOD + ((y0 + 1) & WRAP)) * PERIOD;
  const column = x0 & WRAP;
  const nextColumn = (x0 + 1) & WRAP;
  const low = lattice[row + column]! + (lattice[row + nextColumn]! - lattice[row + column]!) * fx;
  const high = lattice[nextRow + column]! + (lattice[nextRow + nextColumn]! - lattice[nextRow + column]!) * fx;
  return low + (high - low) * fy;
}

function smoothStep(t: number): number {
  return t * t * (3 - 2 * t);
}
