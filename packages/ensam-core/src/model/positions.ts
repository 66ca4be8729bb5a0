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

/** Centres of a grid's voxels in scan order, divided by its longest axis, [N, 3] as (z, y, x). */
export function gridPoints(shape: readonly [number, number, number]): Float32Array {
  const [depth, height, width] = shape;
  const longest = Math.max(...shape);
  const points = new Float32Array(depth * height * width * 3);
  let at = 0;
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        points[at++] = (z + 0.5) / longest;
        points[at++] = (y + 0.5) / longest;
        points[at++] = (x + 0.5) / longest;
      }
    }
  }
  return points;
}
