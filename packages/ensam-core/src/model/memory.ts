import type { ModelConfig } from "./config.ts";
import { parameterCounts } from "./costs.ts";

const bytesPerValue = 4;

/** Bytes at the peak as full-resolution maps of the first stage's channels, and as copies of the weights. */
interface Peak {
  readonly maps: number;
  readonly copies: number;
}

/**
 * Measured with all presets from 32³ to 96³ and unequal sides on wasm (`heapStatistics`), to 48³ on webgpu on a
 * software adapter (`poolStatistics`, whose buffers are up to 1/8 larger than what they hold): the estimates are within
 * 25 % of the measured peaks. What is kept of a training step is the encoder's recording, its outputs with their summed
 * gradients, and one decoder's last stage; the copies are weights, momentum, the gathered gradients, those being added,
 * and the convolutions' packed weights.
 */
const step: Peak = { maps: 20, copies: 4.2 };

/** Without the encoder's recording and the decoder's upsampled maps. */
const recomputingStep: Peak = { maps: 14, copies: 4.2 };

/** The encoder's outputs and the last decoder stage; weights and their packed copies. */
const prediction: Peak = { maps: 9.8, copies: 2 };

/**
 * Bytes that a training step on a volume of this shape takes at its peak, weights included; estimated.
 *
 * @param recompute  whether large maps are computed again for the gradient: see `encode` and `decode`
 */
export function stepMemory(
  config: ModelConfig,
  shape: readonly [number, number, number],
  { recompute = false }: { recompute?: boolean } = {},
): number {
  return peakBytes(recompute ? recomputingStep : step, config, shape);
}

/** Bytes that encoding a volume of this shape and one interaction take at their peak, weights included; estimated. */
export function predictionMemory(config: ModelConfig, shape: readonly [number, number, number]): number {
  return peakBytes(prediction, config, shape);
}

function peakBytes({ maps, copies }: Peak, config: ModelConfig, shape: readonly [number, number, number]): number {
  const voxels = shape[0] * shape[1] * shape[2];
  return bytesPerValue * (maps * config.filters[0]! * voxels + copies * parameterCounts(config).total!);
}
