import { defineGradient, hasKernel, runKernel } from "../kernels.ts";
import { expectShapes, ShapeError } from "../shapes.ts";
import { tf } from "../tf.ts";

export interface Conv3dOptions {
  /** Voxels between two outputs: 1, or 2 for kernels of 2 and 3. */
  stride?: 1 | 2;
  /** [O], added to every voxel. */
  bias?: tf.Tensor;
  /** Of the output's shape, added to it: the other summand of a residual or of a split convolution. */
  addend?: tf.Tensor;
  /**
   * First input channel of `weight` that x stands for, so that a convolution over a concatenation can be computed as a
   * sum over its parts. Without it, x must have all channels of `weight`.
   */
  from?: number;
}

/**
 * The 3D convolution of PyTorch (a cross-correlation): kernels of 3 with zero padding of 1 at stride 1 or 2, kernels of
 * 2 at stride 2 and kernels of 1 without padding.
 *
 * @param x       [1, D, H, W, I']
 * @param weight  [O, I, k, k, k], PyTorch's layout; input channels `from` to `from + I'` are used
 * @returns       [1, D', H', W', O]
 */
export function conv3d(x: tf.Tensor, weight: tf.Tensor, options: Conv3dOptions = {}): tf.Tensor {
  const { stride, from } = checkConv3d(x, weight, options);
  if (!hasKernel("EnsamConv3d")) return conv3dComposed(x, weight, options);
  const inputs: Record<string, tf.Tensor> = { x, weight };
  if (options.bias !== undefined) inputs.bias = options.bias;
  if (options.addend !== undefined) inputs.addend = options.addend;
  return runKernel("EnsamConv3d", inputs, { stride, from });
}

/** `conv3d` made of stock operators. */
export function conv3dComposed(x: tf.Tensor, weight: tf.Tensor, options: Conv3dOptions = {}): tf.Tensor {
  const { stride, from, channels, kernel } = checkConv3d(x, weight, options);
  return tf.tidy(() => {
    const [outputs, inputs] = weight.shape as [number, number];
    const part =
      channels === inputs ? weight : tf.slice(weight, [0, from, 0, 0, 0], [outputs, channels, kernel, kernel, kernel]);
    const filter = tf.transpose(part, [2, 3, 4, 1, 0]) as tf.Tensor5D;
    // At stride 2 "same" pads one voxel less at the low end than PyTorch does, so the padding is written out.
    const isPadded = kernel === 3 && stride === 2;
    const margin: [number, number] = isPadded ? [1, 1] : [0, 0];
    const input = isPadded ? tf.pad(x, [[0, 0], margin, margin, margin, [0, 0]]) : x;
    let y: tf.Tensor = tf.conv3d(input as tf.Tensor5D, filter, stride, kernel === 3 && stride === 1 ? "same" : "valid");
    if (options.bias !== undefined) y = tf.add(y, options.bias);
    if (options.addend !== undefined) y = tf.add(y, options.addend);
    return y;
  });
}

defineGradient("EnsamConv3d", {
  saveInputs: ["x", "weight"],
  gradients: ([dy], [x, weight], { stride, from }) => ({
    x: () =>
      runKernel(
        "EnsamConv3dInputGradient",
        { dy: dy!, weight: weight! },
        { stride: stride as number, from: from as number, channels: x!.shape[4]!, inputShape: x!.shape },
      ),
    weight: () =>
      runKernel(
        "EnsamConv3dFilterGradient",
        { x: x!, dy: dy! },
        { stride: stride as number, from: from as number, weightShape: weight!.shape },
      ),
    bias: () => channelSum(dy!),
    addend: () => tf.clone(dy!),
  }),
});

/** [1, D, H, W, C] -> [C], the sum over all voxels. */
function channelSum(x: tf.Tensor): tf.Tensor {
  if (hasKernel("EnsamChannelSum")) return runKernel("EnsamChannelSum", { x });
  return tf.sum(tf.reshape(x, [-1, x.shape[4]!]), 0);
}

export interface CheckedConv3d {
  stride: 1 | 2;
  from: number;
  channels: number;
  kernel: number;
}

/** Checks shapes and fills in what the options leave open. */
export function checkConv3d(x: tf.Tensor, weight: tf.Tensor, options: Conv3dOptions): CheckedConv3d {
  const { stride = 1, bias, addend, from } = options;
  expectShapes("conv3d", { x: [x, [1, "D", "H", "W", "C"]], weight: [weight, ["O", "I", "k", "k", "k"]] });
  const [outputs, inputs, kernel] = weight.shape as [number, number, number];
  const channels = x.shape[4]!;
  const first = from ?? 0;
  if (from === undefined ? channels !== inputs : first < 0 || first + channels > inputs) {
    const wanted =
      from === undefined ? `${inputs} channels` : `channels ${first} to ${first + channels} within ${inputs}`;
    throw new ShapeError(`conv3d: x: expected ${wanted} as in weight [${weight.shape.join(", ")}], got ${channels}`);
  }
  if (!(kernel === 3 || (kernel === 2 && stride === 2) || (kernel === 1 && stride === 1))) {
    throw new ShapeError(
      `conv3d: expected kernel 3, kernel 2 at stride 2 or kernel 1, got kernel ${kernel} at stride ${stride}`,
    );
  }
  const padding = kernel === 3 ? 2 : 0;
  const [depth, height, width] = x.shape.slice(1, 4).map((n) => Math.floor((n + padding - kernel) / stride) + 1);
  expectShapes("conv3d", {
    bias: bias && [bias, [outputs]],
    addend: addend && [addend, [1, depth!, height!, width!, outputs]],
  });
  return { stride, from: first, channels, kernel };
}
