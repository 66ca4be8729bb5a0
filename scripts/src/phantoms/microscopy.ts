import { blur, organic, smoothField } from "@ensam/core/synthesis";
import type { RandomStream, Zyx } from "@ensam/core/voxels";
import { canvas, eachVoxel, paint } from "./canvas.ts";
import { axial } from "./orient.ts";
import { type Phantom, sampling } from "./phantom.ts";

/** Counts the camera reads without light. */
const CAMERA_OFFSET = 100;

/**
 * Stained nuclei in a fluorescence stack: many blobs of varying size and brightness, haze, a point spread that is long
 * along z, photon noise. Lengths are in pixels (the challenge's microscopy files give no physical unit either).
 */
export function microscopyPhantom(random: RandomStream, size: number): Phantom {
  const { shape, spacing } = sampling([random.int(40, 45), random.int(56, 65), random.int(56, 65)], [1.6, 1, 1], size);
  const target = canvas(shape, spacing, 1.5);
  const extent = shape.map((count, axis) => (count * spacing[axis]!) / 2) as unknown as Zyx;
  const haze = smoothField(random);
  eachVoxel(target, (index, z, y, x) => {
    target.data[index] = 3 * Math.exp(0.5 * haze(z / 30, y / 30, x / 30));
  });
  const texture = smoothField(random);
  const stain = new Float32Array(target.data.length);
  eachVoxel(target, (index, z, y, x) => {
    stain[index] = Math.max(0.35, 1 + 0.3 * texture(z / 3.1, y / 2.6, x / 2.6));
  });
  placeNuclei(random, extent).forEach(({ centre, radius }, n) => {
    const radii: Zyx = [radius * random.uniform(0.85, 1.1), radius * random.uniform(0.75, 1.25), radius];
    const turn: Zyx = [random.uniform(0, 3), random.uniform(-0.4, 0.4), random.uniform(-0.4, 0.4)];
    const brightness = 26 * Math.exp(0.38 * random.normal());
    const nucleus = organic(random, { centre, radii, turn, roughness: 0.09, bumps: 1.2 });
    paint(target, nucleus, (index) => brightness * stain[index]!, `nucleus ${n + 1}`);
  });
  expose(target.data, shape, random);
  return {
    dataset: "Microscopy_PhantomNuclei",
    painted: target,
    layout: { axes: axial, flips: [false, random.float() < 0.5, random.float() < 0.5], tilt: 0 },
    stored: "uint16",
  };
}

/** Random places, large nuclei first, that keep clear of each other but often touch. */
function placeNuclei(random: RandomStream, extent: Zyx): { centre: Zyx; radius: number }[] {
  const wanted = random.int(11, 17);
  const sizes = Array.from({ length: wanted }, () => random.uniform(5.5, 11.5)).sort((a, b) => b - a);
  const placed: { centre: Zyx; radius: number }[] = [];
  for (const radius of sizes) {
    for (let attempt = 0; attempt < 60; attempt++) {
      const centre = extent.map((half) => random.uniform(-half + 2, half - 2)) as unknown as Zyx;
      const clear = placed.every((other) => {
        const gap = Math.hypot(...centre.map((value, axis) => value - other.centre[axis]!));
        return gap > 0.98 * (radius + other.radius);
      });
      if (!clear) continue;
      placed.push({ centre, radius });
      break;
    }
  }
  return placed;
}

/** Out-of-focus haze and the point spread of the objective, then photon noise and the camera's own. */
function expose(data: Float32Array, shape: Zyx, random: RandomStream): void {
  const outOfFocus = data.slice();
  blur(outOfFocus, shape, [4, 4, 4]);
  blur(data, shape, [0.9, 0.6, 0.6]);
  for (let i = 0; i < data.length; i++) {
    const photons = 0.85 * data[i]! + 0.15 * outOfFocus[i]!;
    data[i] = Math.max(0, Math.round(CAMERA_OFFSET + 6 * poisson(random, photons) + 4 * random.normal()));
  }
}

/** A Poisson count: by multiplying uniforms while the mean is small, by the normal approximation above 30. */
function poisson(random: RandomStream, mean: number): number {
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * random.normal()));
  const limit = Math.exp(-mean);
  let product = random.float();
  let count = 0;
  while (product > limit) {
    product *= random.float();
    count++;
  }
  return count;
}
