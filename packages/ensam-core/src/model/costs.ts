import {
  gridMultipleOf,
  hasPromptMaps,
  hasPromptTokens,
  type ModelConfig,
  mapChannels,
  skipCountOf,
} from "./config.ts";
import { parameterTable, sizeOf } from "./parameterTable.ts";

export type Component = "encoder" | "mask_encoder" | "interaction" | "decoder";

/** Multiply-accumulates of one pass by component and part, norms and activations not counted. */
export type Costs = Record<Component, Record<string, number>>;

/**
 * What one full pass of the paper's model costs, by layer: the encoder once, one mask encoding, one interaction, one
 * decoding. The table of image rotations is left out.
 *
 * @param shape         of the volume, multiples of `gridMultipleOf(config)`
 * @param promptTokens  clicks, and two for a box
 */
export function costs(config: ModelConfig, shape: readonly [number, number, number], promptTokens: number): Costs {
  const gridMultiple = gridMultipleOf(config);
  if (shape.some((n) => n <= 0 || n % gridMultiple !== 0)) {
    throw new Error(`costs: shape: expected positive multiples of ${gridMultiple}, got [${shape.join(", ")}]`);
  }
  const voxels = voxelsOf(config, shape);
  return {
    encoder: encoderCosts(config, voxels),
    mask_encoder: maskEncoderCosts(config, voxels),
    interaction: hasPromptTokens(config) ? interactionCosts(config, voxels.at(-1)!, promptTokens) : {},
    decoder: decoderCosts(config, voxels),
  };
}

/** Sums of a cost table, by component and in total. */
export function totalCosts(table: Costs): Record<Component | "total", number> {
  const sum = (part: Record<string, number>) => Object.values(part).reduce((a, b) => a + b, 0);
  const totals = {
    encoder: sum(table.encoder),
    mask_encoder: sum(table.mask_encoder),
    interaction: sum(table.interaction),
    decoder: sum(table.decoder),
  };
  return { ...totals, total: sum(totals) };
}

/** Numbers of trained values by component (the first word of a tensor's name) and in total. */
export function parameterCounts(config: ModelConfig): Record<string, number> {
  const counts: Record<string, number> = {};
  let total = 0;
  for (const { name, shape } of parameterTable(config)) {
    const component = name.split(".", 1)[0]!;
    counts[component] = (counts[component] ?? 0) + sizeOf(shape);
    total += sizeOf(shape);
  }
  return { ...counts, total };
}

/**
 * Multiply-accumulates that a training step does twice with `recompute`: all but the encoder's last stage, and the
 * skips' parts.
 */
export function recomputedCosts(config: ModelConfig, shape: readonly [number, number, number]): number {
  const voxels = voxelsOf(config, shape);
  const { [`stages.${skipCountOf(config)}`]: kept, ...again } = encoderCosts(config, voxels);
  const skipParts = config.filters.slice(0, -1).map((channels, level) => 28 * channels ** 2 * voxels[level]!);
  return [...Object.values(again), ...skipParts].reduce((a, b) => a + b, 0);
}

function voxelsOf({ filters }: ModelConfig, shape: readonly [number, number, number]): number[] {
  return filters.map((_, level) => sizeOf(shape) / 8 ** level);
}

function encoderCosts({ filters, blocksDown }: ModelConfig, voxels: readonly number[]): Record<string, number> {
  const parts: Record<string, number> = { stem: 27 * filters[0]! * voxels[0]! };
  filters.forEach((channels, i) => {
    if (i > 0) parts[`downs.${i - 1}`] = 27 * filters[i - 1]! * channels * voxels[i]!;
    parts[`stages.${i}`] = blocksDown[i]! * 2 * 27 * channels ** 2 * voxels[i]!;
  });
  return parts;
}

function maskEncoderCosts(config: ModelConfig, voxels: readonly number[]): Record<string, number> {
  const { maskFilters, embedDim } = config;
  const widths = [hasPromptMaps(config) ? mapChannels : 1, ...maskFilters];
  const convs = maskFilters.map((_, i) => [`convs.${i}`, 8 * widths[i]! * widths[i + 1]! * voxels[i + 1]!] as const);
  return { ...Object.fromEntries(convs), project: maskFilters.at(-1)! * embedDim * voxels.at(-1)! };
}

function interactionCosts(config: ModelConfig, imageTokens: number, promptTokens: number): Record<string, number> {
  const { embedDim: channels, generatorSize, mlpHidden, depth, position } = config;
  const attention = (to: number, from: number) => {
    const projections = (2 * to + 2 * from) * channels ** 2; // Queries and outputs; keys and values.
    const rotations = position === "absolute" ? 0 : (to + from) * channels * generatorSize;
    return depth * (projections + rotations + 2 * to * from * channels);
  };
  return {
    self_attention: attention(promptTokens, promptTokens),
    prompt_to_image: attention(promptTokens, imageTokens),
    mlp: depth * promptTokens * 2 * channels * mlpHidden,
    image_to_prompt: attention(imageTokens, promptTokens),
  };
}

/** As the paper counts: the shortcut at full resolution. Ours projects before upsampling and costs a little less. */
function decoderCosts(config: ModelConfig, voxels: readonly number[]): Record<string, number> {
  const { filters } = config;
  const deepestFirst = Array.from({ length: skipCountOf(config) }, (_, level) => level).reverse();
  const stages = deepestFirst.map((level, i) => {
    const square = filters[level]! ** 2;
    return [`stages.${i}`, (27 * 3 * square + 27 * square + 3 * square) * voxels[level]!] as const;
  });
  const maps: Record<string, number> = hasPromptMaps(config)
    ? { prompts: 27 * mapChannels * filters[0]! * voxels[0]! }
    : {};
  return { ...Object.fromEntries(stages), ...maps, head: filters[0]! * voxels[0]! };
}
