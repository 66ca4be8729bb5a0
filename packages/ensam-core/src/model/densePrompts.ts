import type { Box, Prompts, Zyx } from "../geometry/index.ts";
import { conv3d, tf } from "../tensors/index.ts";
import { mapChannels } from "./config.ts";
import { type Parameters, parameter } from "./parameters.ts";

/**
 * Prompts as maps of the volume's size, for `prompts: dense` and `both` (the paper's open question; nnInteractive and
 * LETT-NeXt take prompts so). The image encoder still runs once for a volume, so the maps enter behind it, in two
 * places:
 *
 * - the mask encoder takes them beside the previous logits: prompts reach the bottleneck, and from there whole objects
 * - the decoder's last stage adds a convolution of them to the skip's share: prompts and the previous mask act where
 *   they are, to the voxel, which the bottleneck's grid of every eighth voxel cannot say
 *
 * A convolution over a concatenation is a sum over its parts, so the maps need no wider tensor.
 */
export interface PromptMaps {
  /** [1, D, H, W, 4]: foreground clicks, background clicks, box, place in the box. */
  readonly maps: tf.Tensor;
  /** [1, D, H, W, 1], raw; absent in the first interaction. */
  readonly logits?: tf.Tensor;
}

/** Width of a click's bell in voxels; it is cut at three widths. */
const clickWidth = 2;

/** Foreground clicks, background clicks, box, place in the box: all channels but that of the previous logits. */
const maps = mapChannels - 1;

/**
 * The maps of all prompts so far, 0 to 1: a Gaussian bell at each click; 1 inside of the box; 1 - r² in the ellipsoid
 * that the box encloses, r from 0 at its centre to 1 at its surface. All 0 where there is none.
 *
 * The ellipsoid tells each voxel how deep in the box it lies, whatever the box's size, which a convolution of a filled
 * box cannot see farther than its own reach from a side. An ellipsoid alone is a strong guess (docs/weights.md).
 */
export function promptMaps({ box, clicks }: Prompts, shape: Zyx): tf.Tensor {
  const [depth, height, width] = shape;
  const values = new Float32Array(depth * height * width * maps);
  for (const { at, foreground } of clicks) addBell(values, shape, at, foreground ? 0 : 1);
  if (box !== undefined) addBox(values, shape, box);
  return tf.tensor5d(values, [1, depth, height, width, maps]);
}

function addBox(values: Float32Array, [, height, width]: Zyx, { min, max }: Box): void {
  /** The square of the distance from the box's centre along one axis, of its half length. */
  const squared = (axis: number, centre: number) =>
    ((2 * centre + 1 - min[axis]! - max[axis]!) / (max[axis]! - min[axis]!)) ** 2;
  for (let z = min[0]; z < max[0]; z++) {
    for (let y = min[1]; y < max[1]; y++) {
      const row = (z * height + y) * width;
      const left = 1 - squared(0, z) - squared(1, y);
      for (let x = min[2]; x < max[2]; x++) {
        const index = maps * (row + x) + 2;
        values[index] = 1;
        values[index + 1] = Math.max(0, left - squared(2, x));
      }
    }
  }
}

function addBell(values: Float32Array, [depth, height, width]: Zyx, at: Zyx, channel: number): void {
  const reach = 3 * clickWidth;
  for (let z = Math.max(0, at[0] - reach); z <= Math.min(depth - 1, at[0] + reach); z++) {
    for (let y = Math.max(0, at[1] - reach); y <= Math.min(height - 1, at[1] + reach); y++) {
      for (let x = Math.max(0, at[2] - reach); x <= Math.min(width - 1, at[2] + reach); x++) {
        const squared = (z - at[0]) ** 2 + (y - at[1]) ** 2 + (x - at[2]) ** 2;
        const index = maps * ((z * height + y) * width + x) + channel;
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
