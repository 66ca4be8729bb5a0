import { conv3d, normReluConv3d, tf } from "../tensors/index.ts";
import type { ModelConfig } from "./config.ts";
import { type Parameters, parameter } from "./parameters.ts";

/** Values are centred around this, so the zero padding of the first convolution looks like mid-grey. */
const centre = 0.5;

/**
 * Stage i of the image encoder, a residual convolutional network of four stages at 1, 1/2, 1/4 and 1/8 of the
 * resolution (ENSAM §2.1); of five, where the model has a level more.
 *
 * @param x  of the first stage the volume, [1, D, H, W, 1] with values in [0, 1]; else what `halved` made of the stage
 *           before, [1, D, H, W, filters]
 * @returns  [1, D, H, W, filters]
 */
export function encoderStage(parameters: Parameters, { blocksDown }: ModelConfig, i: number, x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    let y = i === 0 ? conv3d(tf.sub(x, centre), parameter(parameters, "encoder.stem.weight")) : x;
    for (let j = 0; j < blocksDown[i]!; j++) y = residualBlock(parameters, `encoder.stages.${i}.blocks.${j}`, y);
    return y;
  });
}

/** The input of the stage after stage i: [1, D, H, W, c] -> [1, D/2, H/2, W/2, 2c]. */
export function halved(parameters: Parameters, i: number, x: tf.Tensor): tf.Tensor {
  return conv3d(x, parameter(parameters, `encoder.downs.${i}.weight`), { stride: 2 });
}

/** `x + conv2(relu(norm2(conv1(relu(norm1(x))))))`, [1, D, H, W, C] to the same. */
export function residualBlock(parameters: Parameters, name: string, x: tf.Tensor): tf.Tensor {
  const tensor = (suffix: string) => parameter(parameters, `${name}.${suffix}`);
  return tf.tidy(() => {
    const hidden = normReluConv3d(x, tensor("norm1.weight"), tensor("norm1.bias"), tensor("conv1.weight"));
    return normReluConv3d(hidden, tensor("norm2.weight"), tensor("norm2.bias"), tensor("conv2.weight"), { addend: x });
  });
}
