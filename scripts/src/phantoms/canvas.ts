import type { Solid } from "@ensam/core/synthesis";
import { type RandomStream, type Volume, voxelCount, type Zyx } from "@ensam/core/voxels";

/** A volume being painted: intensities, labels and the names given to them. Millimetres are counted from its centre. */
export interface Canvas extends Volume<Float32Array> {
  readonly labels: Uint8Array;
  readonly names: Map<number, string>;
}

export function canvas(shape: Zyx, spacing: Zyx, background: number): Canvas {
  const count = voxelCount(shape);
  return {
    data: new Float32Array(count).fill(background),
    shape,
    spacing,
    labels: new Uint8Array(count),
    names: new Map(),
  };
}

/** Calls `visit(index, z, y, x)` for every voxel, with the position of its centre in mm from the centre of the volume. */
export function eachVoxel(
  { shape, spacing }: { shape: Zyx; spacing: Zyx },
  visit: (index: number, z: number, y: number, x: number) => void,
): void {
  let index = 0;
  for (let k = 0; k < shape[0]; k++) {
    const z = (k - (shape[0] - 1) / 2) * spacing[0];
    for (let j = 0; j < shape[1]; j++) {
      const y = (j - (shape[1] - 1) / 2) * spacing[1];
      for (let i = 0; i < shape[2]; i++, index++) visit(index, z, y, (i - (shape[2] - 1) / 2) * spacing[2]);
    }
  }
}

/**
 * Paints a solid with an intensity, mixing it into the voxels its surface cuts (partial volume), and labels the voxels
 * that are more than half inside if a name is given.
 *
 * @param value  an intensity, or a function of (voxel index, depth in mm) for texture
 * @param edge   width of the transition, in mm. @default the mean spacing
 */
export function paint(
  target: Canvas,
  solid: Solid,
  value: number | ((index: number, depth: number) => number),
  name?: string,
  edge?: number,
): void {
  const { shape, spacing, data, labels } = target;
  const width = edge ?? (spacing[0] + spacing[1] + spacing[2]) / 3;
  const label = name === undefined ? 0 : labelOf(target, name);
  const [zs, ys, xs] = ([0, 1, 2] as const).map((axis) => span(solid, shape, spacing, axis, width));
  for (let k = zs![0]; k < zs![1]; k++) {
    const z = (k - (shape[0] - 1) / 2) * spacing[0];
    for (let j = ys![0]; j < ys![1]; j++) {
      const y = (j - (shape[1] - 1) / 2) * spacing[1];
      let index = (k * shape[1] + j) * shape[2] + xs![0];
      for (let i = xs![0]; i < xs![1]; i++, index++) {
        const depth = solid.depth(z, y, (i - (shape[2] - 1) / 2) * spacing[2]);
        const part = Math.min(1, Math.max(0, 0.5 + depth / width));
        if (part === 0) continue;
        const colour = typeof value === "number" ? value : value(index, depth);
        data[index] = data[index]! + (colour - data[index]!) * part;
        if (part > 0.5) labels[index] = label;
      }
    }
  }
}

/**
 * The same body in slices as thick as so many: intensities are averaged along z, labels are those of the middle slice;
 * slices that fill no thick one are left out.
 */
export function thickened(painted: Canvas, slices: number): Canvas {
  const [depth, height, width] = painted.shape;
  const count = Math.max(1, Math.floor(depth / slices));
  const merged = Math.min(slices, depth);
  const area = height * width;
  const data = new Float32Array(count * area);
  const labels = new Uint8Array(count * area);
  for (let k = 0; k < count; k++) {
    const first = k * merged * area;
    for (let i = 0; i < area; i++) {
      let sum = 0;
      for (let s = 0; s < merged; s++) sum += painted.data[first + s * area + i]!;
      data[k * area + i] = sum / merged;
      labels[k * area + i] = painted.labels[first + (merged >> 1) * area + i]!;
    }
  }
  const [z, y, x] = painted.spacing;
  return { ...painted, data, labels, shape: [count, height, width], spacing: [z * merged, y, x] };
}

/** Position of a voxel's centre in mm from the centre of the volume, by voxel index. */
export function positionsOf({ shape, spacing }: Canvas): (index: number) => readonly [number, number, number] {
  return (index) => {
    const i = index % shape[2];
    const j = Math.floor(index / shape[2]) % shape[1];
    const k = Math.floor(index / (shape[2] * shape[1]));
    return [
      (k - (shape[0] - 1) / 2) * spacing[0],
      (j - (shape[1] - 1) / 2) * spacing[1],
      (i - (shape[2] - 1) / 2) * spacing[2],
    ];
  };
}

/** Which painted objects keep their label. */
export interface LabelChoice {
  /** Objects, at most. */
  readonly objects: number;
  /** Voxels in view that an object needs; where none has as many, the largest keeps its label. */
  readonly smallest: number;
}

/**
 * Keeps the labels of some objects, drawn at random from those that are large enough, takes the others off (they stay
 * in the image) and numbers the kept ones 1, 2, ... in the order of painting. Returns their names.
 */
export function tidyLabels(
  target: Canvas,
  random: RandomStream,
  { objects, smallest }: LabelChoice,
): Record<string, string> {
  const counts = new Map<number, number>();
  for (const label of target.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const voxels = (label: number) => counts.get(label) ?? 0;
  const largest = Math.max(...[...target.names.keys()].map(voxels));
  const enough = Math.min(smallest, largest);
  const seen = [...target.names.keys()].filter((label) => voxels(label) >= enough);
  const kept = new Set(random.shuffle(seen).slice(0, objects));
  const renumbered = new Uint8Array(256);
  const names: Record<string, string> = {};
  let next = 1;
  for (const label of seen.filter((known) => kept.has(known))) {
    renumbered[label] = next;
    names[String(next++)] = target.names.get(label)!;
  }
  for (let i = 0; i < target.labels.length; i++) target.labels[i] = renumbered[target.labels[i]!]!;
  return names;
}

function labelOf(target: Canvas, name: string): number {
  for (const [label, known] of target.names) if (known === name) return label;
  const label = target.names.size + 1;
  target.names.set(label, name);
  return label;
}

function span(solid: Solid, shape: Zyx, spacing: Zyx, axis: 0 | 1 | 2, edge: number): [number, number] {
  const middle = (shape[axis] - 1) / 2;
  const low = middle + (solid.centre[axis] - solid.reach[axis] - edge) / spacing[axis];
  const high = middle + (solid.centre[axis] + solid.reach[axis] + edge) / spacing[axis];
  return [Math.max(0, Math.floor(low)), Math.max(0, Math.min(shape[axis], Math.ceil(high) + 1))];
}
