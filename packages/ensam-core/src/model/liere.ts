import { rotations, type tf } from "../tensors/index.ts";
import { type Parameters, parameter } from "./parameters.ts";

/**
 * LieRE (ENSAM §2.2.1): one dense skew-symmetric generator for each axis, shared by all heads and layers. A score
 * depends on the relative position of its two tokens alone only if the generators commute, which trained ones do not.
 *
 * @param points  [N, 3]
 * @returns       [N, g, g]
 */
export function liereRotations(parameters: Parameters, points: tf.Tensor): tf.Tensor {
  return rotations(points, parameter(parameters, "position.generators"));
}
