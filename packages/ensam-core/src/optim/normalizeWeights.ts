import { tf, unit } from "../tensors/index.ts";
import type { TensorRecord } from "./optimizer.ts";

/**
 * Parameters with the vectors of some matrices brought back to unit length, as nGPT does after every update. Every
 * tensor returned is new; those given stay the caller's.
 *
 * @param axes  by name, the axis along which the vectors lie: 1 for rows, 0 for columns (`unitAxes` of the model)
 */
export function normalizeWeights(
  parameters: Readonly<TensorRecord>,
  axes: Readonly<Record<string, 0 | 1>>,
): TensorRecord {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, weight]) => {
      const axis = axes[name];
      if (axis === undefined) return [name, tf.clone(weight)];
      return [name, axis === 1 ? unit(weight) : tf.tidy(() => tf.transpose(unit(tf.transpose(weight))))];
    }),
  );
}
