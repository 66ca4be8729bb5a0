import type { Prompts, Zyx } from "../geometry/index.ts";
import { tf } from "../tensors/index.ts";
import { gridMultipleOf, hasPromptMaps, hasPromptTokens, type ModelConfig, skipCountOf } from "./config.ts";
import { type DecodeOptions, decodeMask, type SkipPart } from "./decoder.ts";
import { type PromptMaps, promptMaps } from "./densePrompts.ts";
import { encoderStage } from "./encoder.ts";
import { encoderLevel, recomputedEncoderLevel } from "./encoderLevel.ts";
import { interact, interactionLayers } from "./interaction.ts";
import { encodeMaps, encodeMask } from "./maskEncoder.ts";
import type { Parameters, Trace } from "./parameters.ts";
import { gridPoints, positionTable } from "./positions.ts";
import { encodePrompts } from "./promptEncoder.ts";

/** What is computed once for a volume; every interaction starts from it. */
export interface Encoded {
  /** [1, D/8, H/8, W/8, C]; sixteenths in a model of five stages */
  readonly bottleneck: tf.Tensor;
  /**
   * Rotations [N, g, g] of the bottleneck's voxels, or features [N, C]: see `positionTable`; one 0 without prompt
   * tokens.
   */
  readonly positions: tf.Tensor;
  /** The prompt-independent share of each decoder stage, deepest first. */
  readonly stages: readonly SkipPart[];
  /** As it was given to `encode`. */
  readonly cellSize?: Zyx;
}

export interface EncodeOptions {
  /**
   * Size of the volume's voxels, mm along (z, y, x), for `coordinates: mm`; without it they count as cubes. Other
   * models do not look at it.
   */
  readonly cellSize?: Zyx | undefined;
  /** `imagePositions` of the same parameters and grid, computed before; used as it is, and still the caller's. */
  readonly positions?: tf.Tensor;
  /**
   * Whether the encoder's maps are computed again for the gradient instead of kept: the same values and gradients in
   * less memory. The trace sees no skips then.
   */
  readonly recompute?: boolean;
  /** Sees `encoder.skips.I`, `encoder.bottleneck`, `positions.image` and `rotations.image`. */
  readonly trace?: Trace;
}

/**
 * The first half of the model, once for a volume.
 *
 * @param volume  [1, D, H, W, 1], values in [0, 1], every axis a multiple of 8 (see `gridMultipleOf`)
 */
export function encode(
  parameters: Parameters,
  config: ModelConfig,
  volume: tf.Tensor,
  { positions, recompute = false, trace, cellSize }: EncodeOptions = {},
): Encoded {
  checkVolume("encode: volume", volume.shape, gridMultipleOf(config));
  const skipCount = skipCountOf(config);
  const cell = config.coordinates === "mm" ? cellSize : undefined;
  const tensors = tf.tidy(() => {
    const stages: SkipPart[] = [];
    let x = volume;
    for (let i = 0; i < skipCount; i++) {
      const level = recompute
        ? recomputedEncoderLevel(parameters, config, i, x)
        : encoderLevel(parameters, config, i, x, trace);
      stages.unshift(level.part);
      x = level.below;
    }
    const bottleneck = encoderStage(parameters, config, skipCount, x);
    trace?.("encoder.bottleneck", bottleneck);
    const table =
      positions?.clone() ?? imagePositions(parameters, config, gridOf(bottleneck), { trace, cellSize: cell });
    return encodedTensors({ bottleneck, positions: table, stages });
  });
  return withTensors(tensors, cell);
}

/**
 * The position table of a bottleneck grid. It depends on the grid and the generators alone: compute it once for a
 * trained model and a shape of volume.
 *
 * @param grid  the bottleneck's D, H, W: an eighth of the volume's (a sixteenth with five stages)
 */
export function imagePositions(
  parameters: Parameters,
  config: ModelConfig,
  grid: readonly [number, number, number],
  { trace, cellSize }: Pick<EncodeOptions, "trace" | "cellSize"> = {},
): tf.Tensor {
  if (!hasPromptTokens(config)) return tf.zeros([1]);
  return tf.tidy(() => {
    const points = gridPoints(grid, config.coordinates === "mm" ? cellSize : undefined);
    const placed = tf.tensor2d(points, [points.length / 3, 3]);
    trace?.("positions.image", placed);
    const table = positionTable(parameters, config, placed);
    trace?.("rotations.image", table);
    return table;
  });
}

/**
 * The second half of the model: one interaction.
 *
 * @param prompts         all prompts so far; without any, or with `prompts: dense`, the image tokens pass unchanged
 * @param previousLogits  [1, D, H, W, 1], what the previous interaction returned
 * @returns               logits [1, D, H, W, 1], foreground above 0
 */
export function decode(
  parameters: Parameters,
  config: ModelConfig,
  encoded: Encoded,
  prompts: Prompts,
  previousLogits?: tf.Tensor,
  { recompute, trace }: DecodeOptions = {},
): tf.Tensor {
  const grid = gridOf(encoded.bottleneck);
  const volumeShape = grid.map((n) => n * gridMultipleOf(config)) as [number, number, number];
  const { enter, leave } = interactionLayers(config);
  return tf.tidy(() => {
    let bottleneck = encoded.bottleneck;
    const maps: PromptMaps | undefined = hasPromptMaps(config)
      ? { maps: promptMaps(prompts, volumeShape), ...(previousLogits && { logits: previousLogits }) }
      : undefined;
    if (maps !== undefined || previousLogits !== undefined) {
      const mask = maps ? encodeMaps(parameters, maps) : encodeMask(parameters, previousLogits!);
      trace?.("mask_embedding", mask);
      bottleneck = tf.add(bottleneck, mask);
    }
    let image = enter(tf.reshape(bottleneck, [-1, config.embedDim]));
    trace?.("tokens.image", image);
    const placed = hasPromptTokens(config)
      ? encodePrompts(parameters, config, prompts, volumeShape, encoded.cellSize)
      : undefined;
    if (placed !== undefined) {
      trace?.("tokens.prompt", placed.tokens);
      trace?.("positions.prompt", placed.points);
      const positions = positionTable(parameters, config, placed.points);
      const ownPositions = { tokens: image, positions: encoded.positions };
      image = interact(parameters, config, ownPositions, { tokens: placed.tokens, positions }, trace);
    }
    const deepest = tf.reshape(leave(image), bottleneck.shape);
    trace?.("decoder.input", deepest);
    const logits = decodeMask(parameters, deepest, encoded.stages, { recompute, trace, promptMaps: maps });
    trace?.("logits", logits);
    return logits;
  });
}

/** The tensors of an encoded volume in a fixed order: what a gradient flows back to. */
export function encodedTensors(encoded: Encoded): tf.Tensor[] {
  const parts = encoded.stages.flatMap((stage) => [stage.hidden, stage.shortcut]);
  return [encoded.bottleneck, encoded.positions, ...parts];
}

/** The encoded volume whose `encodedTensors` and `cellSize` are these. */
export function withTensors(tensors: readonly tf.Tensor[], cellSize?: Zyx): Encoded {
  const [bottleneck, positions, ...parts] = tensors;
  const stages = Array.from({ length: parts.length / 2 }, (_, i) => ({
    hidden: parts[2 * i]!,
    shortcut: parts[2 * i + 1]!,
  }));
  return { bottleneck: bottleneck!, positions: positions!, stages, ...(cellSize && { cellSize }) };
}

function gridOf(bottleneck: tf.Tensor): [number, number, number] {
  return bottleneck.shape.slice(1, 4) as [number, number, number];
}

function checkVolume(where: string, shape: readonly number[], gridMultiple: number): void {
  const [batch, depth, height, width, channels] = shape;
  const isWhole = [depth, height, width].every((n) => n !== undefined && n > 0 && n % gridMultiple === 0);
  if (shape.length !== 5 || batch !== 1 || channels !== 1 || !isWhole) {
    throw new Error(`${where}: expected [1, D, H, W, 1] with multiples of ${gridMultiple}, got [${shape.join(", ")}]`);
  }
}
