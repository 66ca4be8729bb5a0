import { type ModelConfig, parameterCounts } from "@ensam/core/model";

const bytesPerValue = 4;

/**
 * Bytes that a training step takes at its peak, estimated by counting the maps that are kept for the backward pass: per
 * encoder block its input and three inner maps; per decoder stage the upsampled map, both norms' outputs and the two
 * convolutions' outputs; the gradients of the features; weights, gradients, momentum.
 */
export function stepMemory(config: ModelConfig, shape: readonly [number, number, number]): number {
  const voxels = shape[0] * shape[1] * shape[2];
  const { filters, blocksDown } = config;
  const at = (level: number) => (voxels / 8 ** level) * filters[level]!;
  const encoder = blocksDown.reduce((sum, blocks, level) => sum + (1 + 4 * blocks) * at(level), 0);
  // Kept over all interactions: per stage the skip's share of conv1 and of the shortcut, and their gradients.
  const features = [0, 1, 2].reduce((sum, level) => sum + 4 * at(level), 0) + 4 * at(3);
  // Upsampled input and its norm (2c channels each), hidden, its norm, output.
  const decoder = [0, 1, 2].reduce((sum, level) => sum + 7 * at(level), 0);
  const logits = 4 * voxels;
  const gradientInFlight = 4 * at(0);
  const weights = 5 * parameterCounts(config).total!;
  return bytesPerValue * (encoder + features + decoder + logits + gradientInFlight + weights);
}
