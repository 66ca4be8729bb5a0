import { conv3d, normReluConv3d, tf } from "../tensors/index.ts";
import type { ModelConfig } from "./config.ts";
import { type Parameters, parameter } from "./parameters.ts";

export interface ImageFeatures {
  /** Outputs of the first three stages, at 1, 1/2 and 1/4 of the resolution, [1, D, H, W, filters]. */
  readonly skips: readonly tf.Tensor[];
  /** Output of the last stage, at 1/8 of the resolution, [1, D/8, H/8, W/8, C]. */
  readonly bottleneck: tf.Tensor;
}

/** Values are centred around this, so the zero padding of the first convolution looks like mid-grey. */
const centre = 0.5;

/**
 * The image encoder: a residual convolutional network of four stages (paper 2.2.1).
 *
 * @param volume  [1, D, H, W, 1], values in [0, 1], every axis a multiple of 8
 */
export function encodeImage(parameters: Parameters, config: ModelConfig, volume: tf.Tensor): ImageFeatures {
  const outputs: tf.Tensor[] = [];
  let x = conv3d(tf.sub(volume, centre), parameter(parameters, "encoder.stem.weight"));
  config.blocksDown.forEach((blocks, i) => {
    if (i > 0) x = conv3d(x, parameter(parameters, `encoder.downs.${i - 1}.weight`), { stride: 2 });
    for (let j = 0; j < blocks; j++) x = residualBlock(parameters, `encoder.stages.${i}.blocks.${j}`, x);
    outputs.push(x);
  });
  return { skips: outputs.slice(0, -1), bottleneck: outputs.at(-1)! };
}

/** `x + conv2(relu(norm2(conv1(relu(norm1(x))))))`, [1, D, H, W, C] to the same. */
export function residualBlock(parameters: Parameters, name: string, x: tf.Tensor): tf.Tensor {
  const at = (suffix: string) => parameter(parameters, `${name}.${suffix}`);
  return tf.tidy(() => {
    const hidden = normReluConv3d(x, at("norm1.weight"), at("norm1.bias"), at("conv1.weight"));
    return normReluConv3d(hidden, at("norm2.weight"), at("norm2.bias"), at("conv2.weight"), { addend: x });
  });
}
