import { hasKernel, runKernel, runKernelOfMany } from "../kernels.ts";
import { tf } from "../tf.ts";
import { checkConv3d, conv3d, conv3dComposed } from "./conv3d.ts";
import { checkInstanceNorm, instanceNormRelu, instanceNormReluComposed } from "./instanceNormRelu.ts";

export interface NormReluConv3dOptions {
  /** As of `conv3d`. */
  readonly addend?: tf.Tensor;
  /** As of `conv3d`. */
  readonly from?: number;
}

/**
 * `conv3d(instanceNormRelu(x, gain, shift), weight, options)` at stride 1: the step that residual blocks are made of.
 *
 * With device kernels the normalised map is not kept for the gradient but computed again from x, which costs a few per
 * cent of the convolution's time and saves half of the memory that a block holds while it waits for its gradient.
 *
 * @param x       [1, D, H, W, I']
 * @param gain    [I']
 * @param shift   [I']
 * @param weight  [O, I, k, k, k], k 1 or 3
 * @returns       [1, D, H, W, O]
 */
export function normReluConv3d(
  x: tf.Tensor,
  gain: tf.Tensor,
  shift: tf.Tensor,
  weight: tf.Tensor,
  { addend, from }: NormReluConv3dOptions = {},
): tf.Tensor {
  checkInstanceNorm(x, gain, shift);
  const checked = checkConv3d(x, weight, { addend, from });
  if (!hasKernel("EnsamConv3d") || !hasKernel("EnsamInstanceNormRelu")) {
    return normReluConv3dComposed(x, gain, shift, weight, { addend, from });
  }
  const forward = () => normReluConv3dForward(x, gain, shift, weight, { addend, from: checked.from });
  const gradient = (dy: tf.Tensor, saved: tf.Tensor[]) => normReluConv3dGradient(dy, saved, checked.from);
  return keepingInputs([x, gain, shift, weight], addend, forward, gradient);
}

/** A value, and small tensors that its gradient needs beside the inputs. */
export interface ForwardResult {
  readonly value: tf.Tensor;
  readonly saved: readonly tf.Tensor[];
}

/** `normReluConv3d` by device kernels. `saved` are the norm's moments where the convolution computes it as it reads. */
export function normReluConv3dForward(
  x: tf.Tensor,
  gain: tf.Tensor,
  shift: tf.Tensor,
  weight: tf.Tensor,
  { addend, from }: { addend?: tf.Tensor | undefined; from: number },
): ForwardResult {
  if (!hasKernel("EnsamNormReluConv3d")) {
    const active = instanceNormRelu(x, gain, shift);
    const value = conv3d(active, weight, { addend, from });
    active.dispose();
    return { value, saved: [] };
  }
  const saved = runKernelOfMany("EnsamInstanceMoments", { x });
  const inputs = { x, weight, ...normInputs(gain, shift, saved), ...(addend && { addend }) };
  return { value: runKernel("EnsamNormReluConv3d", inputs, { stride: 1, from }), saved };
}

function normInputs(gain: tf.Tensor, shift: tf.Tensor, moments: readonly tf.Tensor[]): Record<string, tf.Tensor> {
  const [mean, rest, inverseDeviation] = moments as [tf.Tensor, tf.Tensor, tf.Tensor];
  return { gain, shift, mean, rest, inverseDeviation };
}

/**
 * An operator that keeps its inputs for the gradient, and what `forward` says.
 *
 * @param addend    another input, whose gradient is the output's; absent: none
 * @param gradient  of each input, from the output's gradient, the inputs and what else was saved
 */
export function keepingInputs(
  inputs: readonly tf.Tensor[],
  addend: tf.Tensor | undefined,
  forward: () => ForwardResult,
  gradient: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[],
): tf.Tensor {
  const operator = tf.customGrad((...values) => {
    const save = values.pop() as unknown as tf.GradSaveFunc;
    const { value, saved } = forward();
    // Last: what is saved by an operator that then fails is never freed.
    save([...(values as tf.Tensor[]).slice(0, inputs.length), ...saved]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const gradients = gradient(dy, saved);
      return addend === undefined ? gradients : [...gradients, tf.clone(dy)];
    };
    return { value, gradFunc };
  });
  return operator(...inputs, ...(addend === undefined ? [] : [addend]));
}

/** `normReluConv3d` made of stock operators. */
export function normReluConv3dComposed(
  x: tf.Tensor,
  gain: tf.Tensor,
  shift: tf.Tensor,
  weight: tf.Tensor,
  { addend, from }: NormReluConv3dOptions = {},
): tf.Tensor {
  return tf.tidy(() => conv3dComposed(instanceNormReluComposed(x, gain, shift), weight, { addend, from }));
}

/** Gradients of x, gain, shift and weight. Large intermediate maps are freed one by one. */
export function normReluConv3dGradient(dy: tf.Tensor, saved: tf.Tensor[], from: number): tf.Tensor[] {
  const [x, gain, shift, weight, ...moments] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, ...tf.Tensor[]];
  const attributes = { stride: 1, from };
  const { dWeight, mean, inverseDeviation } = filterGradient();
  const dActive = runKernel(
    "EnsamConv3dInputGradient",
    { dy, weight },
    { ...attributes, channels: x.shape[4]!, inputShape: x.shape },
  );
  // Nobody else sees dActive, so dx may take its place.
  const [dx, dGain, dShift] = runKernelOfMany(
    "EnsamInstanceNormReluGradient",
    { dy: dActive, x, gain, shift, mean, inverseDeviation },
    { overwrite: true },
  );
  dActive.dispose();
  if (moments.length === 0) tf.dispose([mean, inverseDeviation]);
  return [dx!, dGain!, dShift!, dWeight];

  function filterGradient(): Record<"dWeight" | "mean" | "inverseDeviation", tf.Tensor> {
    const ofFilter = { ...attributes, weightShape: weight.shape };
    if (moments.length > 0) {
      const norm = normInputs(gain, shift, moments);
      const dWeight = runKernel("EnsamNormReluConv3dFilterGradient", { x, dy, ...norm }, ofFilter);
      return { dWeight, mean: norm.mean!, inverseDeviation: norm.inverseDeviation! };
    }
    const [active, mean, inverseDeviation] = runKernelOfMany("EnsamInstanceNormRelu", { x, gain, shift });
    const dWeight = runKernel("EnsamConv3dFilterGradient", { x: active!, dy }, ofFilter);
    active!.dispose();
    return { dWeight, mean: mean!, inverseDeviation: inverseDeviation! };
  }
}
