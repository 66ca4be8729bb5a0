import { lastVoxel, type Prompts, type Zyx } from "../geometry/index.ts";
import { tf, unit } from "../tensors/index.ts";
import type { ModelConfig } from "./config.ts";
import { type Parameters, parameter } from "./parameters.ts";
import { pointScale } from "./positions.ts";

export interface PromptTokens {
  /** [P, C]: clicks in their order, then the first and the last voxel of the box. */
  readonly tokens: tf.Tensor;
  /** [P, 3], (z, y, x), voxel centres divided by the longest axis of the volume: see `pointScale`. */
  readonly points: tf.Tensor;
}

/** Rows of the table made of `click_embed` above `corner_embed`. */
const row = { background: 0, foreground: 1, low: 2, high: 3 } as const;
const rowCount = 4;

/**
 * The tokens of all prompts given so far (ENSAM §2.2), or `undefined` if there are none.
 *
 * @param prompts  in voxels of the (padded) grid that was encoded
 * @param cell     size of such a voxel, as of `pointScale`
 */
export function encodePrompts(
  parameters: Parameters,
  config: ModelConfig,
  prompts: Prompts,
  volumeShape: Zyx,
  cell?: Zyx,
): PromptTokens | undefined {
  const rows: number[] = prompts.clicks.map((click) => (click.foreground ? row.foreground : row.background));
  const voxels: Zyx[] = prompts.clicks.map((click) => click.at);
  if (prompts.box !== undefined) {
    rows.push(row.low, row.high);
    voxels.push(prompts.box.min, lastVoxel(prompts.box));
  }
  if (rows.length === 0) return undefined;

  const { size, longest } = pointScale(volumeShape, cell);
  const points = voxels.flatMap((voxel) => voxel.map((index, axis) => ((index + 0.5) * size[axis]!) / longest));
  return tf.tidy(() => {
    const clicks = parameter(parameters, "prompt_encoder.click_embed");
    const corners = parameter(parameters, "prompt_encoder.corner_embed");
    // A product with a selection matrix: a lookup has no gradient on every device.
    const selection = tf.tensor2d(
      rows.map((chosen) => Array.from({ length: rowCount }, (_, i) => (i === chosen ? 1 : 0))),
    );
    const tokens = tf.matMul(selection, tf.concat([clicks, corners], 0));
    return {
      tokens: config.attention === "ngpt" ? unit(tokens) : tokens,
      points: tf.tensor2d(points, [rows.length, 3]),
    };
  });
}
