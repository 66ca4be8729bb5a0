import { tf } from "../tensors/index.ts";
import type { ModelConfig } from "./config.ts";
import { parameterTable, sizeOf } from "./parameterTable.ts";

/** What trains: every tensor of the model by its PyTorch name. */
export type Parameters = Record<string, tf.Tensor>;

/** Called with the name and value of each intermediate result; the value lives only during the call. */
export type Trace = (name: string, value: tf.Tensor) => void;

/** The tensor of this name. */
export function parameter(parameters: Parameters, name: string): tf.Tensor {
  const tensor = parameters[name];
  if (tensor === undefined) throw new Error(`parameters: ${name}: expected a tensor, got none`);
  return tensor;
}

/**
 * Puts values on the current device, in the order of the parameter table; each must be there and have the right size.
 */
export function parametersFromValues(config: ModelConfig, values: Readonly<Record<string, Float32Array>>): Parameters {
  return Object.fromEntries(
    parameterTable(config).map(({ name, shape }) => {
      const data = values[name];
      if (data?.length !== sizeOf(shape)) {
        throw new Error(`parameters: ${name}: expected ${sizeOf(shape)} values, got ${data?.length ?? "none"}`);
      }
      return [name, tf.tensor(data, [...shape])];
    }),
  );
}
