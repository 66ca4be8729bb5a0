import type { tf } from "../tensors/index.ts";
import { absoluteFeatures } from "./absolute.ts";
import type { ModelConfig } from "./config.ts";
import { liereRotations } from "./liere.ts";
import type { Parameters } from "./parameters.ts";
import { ropeRotations } from "./rope.ts";

/**
 * What attention needs to know of where its tokens are: rotations [N, g, g] of queries and keys for `liere` and `rope`,
 * features [N, C] added to the inputs of queries and keys for `absolute`.
 *
 * @param points  [N, 3], (z, y, x), the longest axis of the volume spanning [0, 1]
 */
export function positionTable(parameters: Parameters, config: ModelConfig, points: tf.Tensor): tf.Tensor {
  switch (config.position) {
    case "liere":
      return liereRotations(parameters, points);
    case "rope":
      return ropeRotations(parameters, points);
    case "absolute":
      return absoluteFeatures(parameters, points);
  }
}

/**
 * The factors from voxel indices + 0.5 to positions, along (z, y, x): one divisor for all axes, by which the longest
 * axis of the grid spans [0, 1]. In voxels, as the paper has it, a step along any axis is as long as another; in mm
 * (ENSAM §4.5.3) it is as long as a cell is, and the longest axis is the longest in mm. Cubes give the same either way.
 */
export interface PointScale {
  readonly size: readonly [number, number, number];
  readonly longest: number;
}

/** @param cell  size of a cell along (z, y, x), in any unit; cubes if not given */
export function pointScale(
  shape: readonly [number, number, number],
  cell: readonly [number, number, number] = [1, 1, 1],
): PointScale {
  return { size: cell, longest: Math.max(...shape.map((n, axis) => n * cell[axis]!)) };
}

/** Centres of a grid's voxels in scan order, divided by its longest axis, [N, 3] as (z, y, x). */
export function gridPoints(
  shape: readonly [number, number, number],
  cell?: readonly [number, number, number],
): Float32Array {
  const [depth, height, width] = shape;
  const { size, longest } = pointScale(shape, cell);
  const points = new Float32Array(depth * height * width * 3);
  let offset = 0;
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        points[offset++] = ((z + 0.5) * size[0]) / longest;
        points[offset++] = ((y + 0.5) * size[1]) / longest;
        points[offset++] = ((x + 0.5) * size[2]) / longest;
      }
    }
  }
  return points;
}
