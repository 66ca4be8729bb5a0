import { type ModelConfig, parameterCounts } from "@ensam/core/model";

const bytesPerValue = 4;
/**
 * Peak of a step with six interactions in maps of the first stage's channels at full resolution. Measured on the wasm
 * device for all three presets at 64 x 64 x 64 (86, 178 and 391 MiB), which 21.1 maps and 2.5 copies of the weights give.
 */
const maps = 22;
/** Weights, their gradients twice while they are added, momentum, and the packed copies of the convolutions. */
const weightCopies = 5;

/** Bytes that a training step on a volume of this shape takes at its peak, estimated. */
export function stepMemory({ filters, ...config }: ModelConfig, shape: readonly [number, number, number]): number {
  const voxels = shape[0] * shape[1] * shape[2];
  const weights = parameterCounts({ filters, ...config }).total!;
  return bytesPerValue * (maps * filters[0] * voxels + weightCopies * weights);
}
