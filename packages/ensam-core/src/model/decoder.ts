import { conv3d, normReluConv3d, tf, upsample2, upsampledNormReluConv3d } from "../tensors/index.ts";
import { addPromptMaps, type PromptMaps } from "./densePrompts.ts";
import { type Parameters, parameter, type Trace } from "./parameters.ts";

/**
 * What a decoder stage takes from its skip. The concatenation of the upsampled map and the skip never exists:
 * normalisation and ReLU act channel by channel and a convolution of a concatenation is a sum, so the skip's share of
 * both convolutions is computed once for a volume, whatever the prompts.
 */
export interface SkipPart {
  /** Its share of the first convolution, [1, D, H, W, c]. */
  readonly hidden: tf.Tensor;
  /** Its share of the 1×1×1 shortcut, [1, D, H, W, c]. */
  readonly shortcut: tf.Tensor;
}

/** The prompt-independent part of stage i, [1, D, H, W, c] twice. */
export function skipPart(parameters: Parameters, i: number, skip: tf.Tensor): SkipPart {
  const { tensor, affine } = stageParameters(parameters, i);
  const channels = skip.shape[4]!;
  const from = 2 * channels;
  return tf.tidy(() => ({
    hidden: normReluConv3d(skip, ...affine("norm1", from, channels), tensor("conv1.weight"), { from }),
    shortcut: conv3d(skip, tensor("shortcut.weight"), { from }),
  }));
}

/** Names of the weights that `skipPart` takes. */
export function skipPartWeights(i: number): string[] {
  return ["norm1.weight", "norm1.bias", "conv1.weight", "shortcut.weight"].map((name) => `decoder.stages.${i}.${name}`);
}

export interface DecodeOptions {
  /** As of `encode`, for the decoder's upsampled maps. @default false */
  readonly recompute?: boolean;
  /** Sees the intermediate results of the golden files, by their names. */
  readonly trace?: Trace;
  /** For the last stage, in models that take prompts as maps. */
  readonly promptMaps?: PromptMaps;
}

/**
 * The mask decoder (ENSAM §2.3): stages of trilinear upsampling, three in the paper's model,, concatenation with a skip
 * and a residual block.
 *
 * @param deepest  [1, D/8, H/8, W/8, C]
 * @returns        logits [1, D, H, W, 1]
 */
export function decodeMask(
  parameters: Parameters,
  deepest: tf.Tensor,
  parts: readonly SkipPart[],
  { recompute = false, trace, promptMaps }: DecodeOptions = {},
): tf.Tensor {
  const convolve = recompute ? upsampledNormReluConv3d : convolveUpsampled;
  return tf.tidy(() => {
    let x = deepest;
    parts.forEach((part, i) => {
      const maps = i === parts.length - 1 ? promptMaps : undefined;
      const prompted = maps ? { ...part, hidden: addPromptMaps(parameters, part.hidden, maps) } : part;
      x = decodeStage(parameters, i, x, prompted, convolve);
      trace?.(`decoder.stages.${i}`, x);
    });
    return conv3d(x, parameter(parameters, "decoder.head.weight"), {
      bias: parameter(parameters, "decoder.head.bias"),
    });
  });
}

const convolveUpsampled: typeof normReluConv3d = (x, ...rest) => normReluConv3d(upsample2(x), ...rest);

/** Stage i: [1, D, H, W, 2c] -> [1, 2D, 2H, 2W, c]. */
function decodeStage(
  parameters: Parameters,
  i: number,
  x: tf.Tensor,
  part: SkipPart,
  convolve: typeof normReluConv3d,
): tf.Tensor {
  return tf.tidy(() => {
    // A 1×1×1 convolution commutes with the upsampling, and is cheaper before it.
    const projected = conv3d(x, parameter(parameters, `decoder.stages.${i}.shortcut.weight`), { from: 0 });
    return joinSkip(parameters, i, x, convolve, () => upsample2(projected), part);
  });
}

/**
 * The residual block of stage i.
 *
 * @param x          its input, [..., 2c]
 * @param convolve   its first step: `normReluConv3d` of x at the block's resolution, [1, D, H, W, c]
 * @param projected computes the input's share of the shortcut, [1, D, H, W, c]; called late, so that its gradient is
 *                   done before that of the first convolution, which takes most memory
 * @param part       the skip's share
 * @returns          [1, D, H, W, c]
 */
export function joinSkip(
  parameters: Parameters,
  i: number,
  x: tf.Tensor,
  convolve: typeof normReluConv3d,
  projected: () => tf.Tensor,
  part: SkipPart,
): tf.Tensor {
  const { tensor, affine } = stageParameters(parameters, i);
  return tf.tidy(() => {
    const [gain, shift] = affine("norm1", 0, x.shape[4]!);
    const hidden = convolve(x, gain, shift, tensor("conv1.weight"), { from: 0, addend: part.hidden });
    const addend = tf.tidy(() => tf.add(projected(), part.shortcut));
    return normReluConv3d(hidden, tensor("norm2.weight"), tensor("norm2.bias"), tensor("conv2.weight"), { addend });
  });
}

function stageParameters(parameters: Parameters, i: number) {
  const tensor = (name: string) => parameter(parameters, `decoder.stages.${i}.${name}`);
  /** Gain and shift of `count` channels, beginning with `first`. */
  const affine = (norm: string, first: number, count: number): [gain: tf.Tensor, shift: tf.Tensor] => [
    tf.slice(tensor(`${norm}.weight`), [first], [count]),
    tf.slice(tensor(`${norm}.bias`), [first], [count]),
  ];
  return { tensor, affine };
}
