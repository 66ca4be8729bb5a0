import { tf } from "../../tensors/index.ts";
import { initParameters, type ModelConfig, parametersFromValues } from "../index.ts";
import type { Parameters } from "../parameters.ts";

/** A model with initial values from tfjs's seeded generators. */
export function freshParameters(config: ModelConfig, seed = 1): Parameters {
  let at = 0;
  const count = 4096;
  const normals = tf.tidy(() => tf.randomNormal([count], 0, 1, "float32", seed).dataSync());
  const uniforms = tf.tidy(() => tf.randomUniform([count], 0, 1, "float32", seed).dataSync());
  const random = {
    normal: () => normals[at++ % count]!,
    uniform: (low: number, high: number) => low + (high - low) * uniforms[at++ % count]!,
  };
  return parametersFromValues(config, initParameters(config, random));
}
