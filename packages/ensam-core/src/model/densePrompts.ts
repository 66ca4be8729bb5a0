import type { Prompts, Zyx } from "../geometry/index.ts";
import { conv3d, tf } from "../tensors/index.ts";
import { type Parameters, parameter } from "./parameters.ts";

/**
 * Prompts as maps of the volume's size, for `prompts: dense` and `both` (the paper's open question; nnInteractive and
 * LETT-NeXt take prompts so). The image encoder still runs once for a volume, so the maps enter behind it, in two
 * places:
 *
 * - the mask encoder takes them beside the previous logits: prompts reach the bottleneck, and from there whole objects
 * - the decoder's last stage adds a convolution of them to the skip's share: prompts and the previous mask act where they
 *   are, to the voxel, which the bottleneck's grid of every eighth voxel cannot say
 *
 * A convolution over a concatenation is a sum over its parts, so the maps need no wider tensor.
 */
export interface PromptMaps {
  /** [1, D, H, W, 3]: foreground clicks, background clicks, box. */
  readonly maps: tf.Tensor;
  /** [1, D, H, W, 1], raw; absent in the first interaction. */
  readonly logits?: tf.Tensor;
}

/** Width of a click's bell in voxels; it is cut at three widths. */
const clickWidth = 2;

/**
 * The maps of all prompts so far, 0 to 1: a Gaussian bell at each click, 1 inside of the box; all 0 where there is
 * none.
 */
export function promptMaps({ box, clicks }: Prompts, shape: Zyx): tf.Tensor {
  const [depth, height, width] = shape;
  const values = new Float32Array(depth * height * width * 3);
  for (const { at, foreground } of clicks) addBell(values, shape, at, foreground ? 0 : 1);
  if (box !== undefined) {
    for (let z = box.min[0]; z < box.max[0]; z++) {
      for (let y = box.min[1]; y < box.max[1]; y++) {
        const row = (z * height + y) * width;
        for (let x = box.min[2]; x < box.max[2]; x++) values[3 * (row + x) + 2] = 1;
      }
    }
  }
  return tf.tensor5d(values, [1, depth, height, width, 3]);
}

function addBell(values: Float32Array, [depth, height, width]: Zyx, at: Zyx, channel: number): void {
  const reach = 3 * clickWidth;
  for (let z = Math.max(0, at[0] - reach); z <= Math.min(depth - 1, at[0] + reach); z++) {
    for (let y = Math.max(0, at[1] - reach); y <= Math.min(height - 1, at[1] + reach); y++) {
      for (let x = Math.max(0, at[2] - reach); x <= Math.min(width - 1, at[2] + reach); x++) {
        const squared = (z - at[0]) ** 2 + (y - at[1]) ** 2 + (x - at[2]) ** 2;
        const index = 3 * ((z * height + y) * width + x) + channel;
        values[index] = Math.max(values[index]!, Math.exp(-squared / (2 * clickWidth ** 2)));
      }
    }
  }
}

/**
 * The share of the decoder's last stage that the maps have in its first convolution, added to the skip's.
 *
 * @param hidden  the skip's share, [1, D, H, W, c]
 */
export function addPromptMaps(parameters: Parameters, hidden: tf.Tensor, { maps, logits }: PromptMaps): tf.Tensor {
  const weight = parameter(parameters, "decoder.prompts.weight");
  return tf.tidy(() => {
    const withMaps = conv3d(maps, weight, { from: 1, addend: hidden });
    if (logits === undefined) return withMaps;
    // Bounded, so that sure masks do not drown the image in what is normalised next.
    return conv3d(tf.sub(tf.sigmoid(logits), 0.5), weight, { from: 0, addend: withMaps });
  });
}
