import { hasKernel, runKernel } from "../kernels.ts";
import { tf } from "../tf.ts";
import { checkConv3d } from "./conv3d.ts";
import { checkInstanceNorm } from "./instanceNormRelu.ts";
import {
  keepingInputs,
  type NormReluConv3dOptions,
  normReluConv3dComposed,
  normReluConv3dForward,
  normReluConv3dGradient,
} from "./normReluConv3d.ts";
import { upsample2, upsample2Composed } from "./upsample2.ts";

/**
 * `normReluConv3d(upsample2(x), gain, shift, weight, options)`: the step that decoder stages begin with.
 *
 * With device kernels the upsampled map, eight times as large as x, is not kept for the gradient but computed again:
 * values and gradients are the same to the bit.
 *
 * @param x       [1, D, H, W, I']
 * @param gain    [I']
 * @param shift   [I']
 * @param weight  [O, I, k, k, k], k 1 or 3
 * @returns       [1, 2D, 2H, 2W, O]
 */
export function upsampledNormReluConv3d(
  x: tf.Tensor,
  gain: tf.Tensor,
  shift: tf.Tensor,
  weight: tf.Tensor,
  { addend, from }: NormReluConv3dOptions = {},
): tf.Tensor {
  checkInstanceNorm(x, gain, shift);
  const checked = checkConv3d(x, weight, { from });
  if (!["EnsamConv3d", "EnsamInstanceNormRelu", "EnsamUpsample2"].every(hasKernel)) {
    return upsampledNormReluConv3dComposed(x, gain, shift, weight, { addend, from });
  }
  const forward = () => {
    const upsampled = upsample2(x);
    const result = normReluConv3dForward(upsampled, gain, shift, weight, { addend, from: checked.from });
    upsampled.dispose();
    return result;
  };
  const gradient = (dy: tf.Tensor, saved: tf.Tensor[]) => {
    const upsampled = upsample2(saved[0]!);
    const [dUpsampled, ...others] = normReluConv3dGradient(dy, [upsampled, ...saved.slice(1)], checked.from);
    upsampled.dispose();
    const dx = runKernel("EnsamUpsample2Gradient", { dy: dUpsampled! });
    dUpsampled!.dispose();
    return [dx, ...others];
  };
  return keepingInputs([x, gain, shift, weight], addend, forward, gradient);
}

/** `upsampledNormReluConv3d` made of stock operators. */
export function upsampledNormReluConv3dComposed(
  x: tf.Tensor,
  gain: tf.Tensor,
  shift: tf.Tensor,
  weight: tf.Tensor,
  options: NormReluConv3dOptions = {},
): tf.Tensor {
  return tf.tidy(() => normReluConv3dComposed(upsample2Composed(x), gain, shift, weight, options));
}
