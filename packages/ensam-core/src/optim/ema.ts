import { scaledSum } from "../tensors/index.ts";
import type { TensorRecord } from "./optimizer.ts";

/**
 * The next exponential moving averages of parameters, `decay * average + (1 - decay) * parameter`. Every tensor
 * returned is new; those given stay the caller's.
 */
export function averageWeights(
  averages: Readonly<TensorRecord>,
  parameters: Readonly<TensorRecord>,
  decay: number,
): TensorRecord {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, weight]) => {
      const average = averages[name];
      if (average === undefined) throw new Error(`averageWeights: ${name}: expected an average, got none`);
      return [name, scaledSum([decay, average], [1 - decay, weight])];
    }),
  );
}
