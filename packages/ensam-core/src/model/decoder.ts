import { conv3d, normReluConv3d, tf, upsample2 } from "../tensors/index.ts";
import { type Parameters, parameter, type Trace } from "./parameters.ts";

/**
 * What a decoder stage takes from its skip. The concatenation of the upsampled map and the skip never exists: normalisation
 * and ReLU act channel by channel and a convolution of a concatenation is a sum, so the skip's share of both convolutions
 * is computed once for a volume, whatever the prompts.
 */
export interface SkipPart {
  /** Its share of the first convolution, [1, D, H, W, c]. */
  readonly hidden: tf.Tensor;
  /** Its share of the 1×1×1 shortcut, [1, D, H, W, c]. */
  readonly shortcut: tf.Tensor;
}

/** The prompt-independent parts of the decoder stages, deepest first. */
export function skipParts(parameters: Parameters, skips: readonly tf.Tensor[]): SkipPart[] {
  return skips.toReversed().map((skip, i) => skipPart(parameters, i, skip));
}

/** The prompt-independent part of stage i, [1, D, H, W, c] twice. */
export function skipPart(parameters: Parameters, i: number, skip: tf.Tensor): SkipPart {
  const { at, affine } = stageParameters(parameters, i);
  const channels = skip.shape[4]!;
  const from = 2 * channels;
  return tf.tidy(() => ({
    hidden: normReluConv3d(skip, ...affine("norm1", from, channels), at("conv1.weight"), { from }),
    shortcut: conv3d(skip, at("shortcut.weight"), { from }),
  }));
}

/**
 * The mask decoder (paper 2.2.5): three stages of trilinear upsampling, concatenation with a skip and a residual block.
 *
 * @param deepest  [1, D/8, H/8, W/8, C]
 * @returns        logits [1, D, H, W, 1]
 */
export function decodeMask(
  parameters: Parameters,
  deepest: tf.Tensor,
  parts: readonly SkipPart[],
  trace?: Trace,
): tf.Tensor {
  return tf.tidy(() => {
    let x = deepest;
    parts.forEach((part, i) => {
      x = decodeStage(parameters, i, x, part);
      trace?.(`decoder.stages.${i}`, x);
    });
    return conv3d(x, parameter(parameters, "decoder.head.weight"), {
      bias: parameter(parameters, "decoder.head.bias"),
    });
  });
}

/** Stage i: [1, D, H, W, 2c] -> [1, 2D, 2H, 2W, c]. */
function decodeStage(parameters: Parameters, i: number, x: tf.Tensor, part: SkipPart): tf.Tensor {
  return tf.tidy(() => {
    // A 1×1×1 convolution commutes with the upsampling, and is cheaper before it.
    const projected = conv3d(x, parameter(parameters, `decoder.stages.${i}.shortcut.weight`), { from: 0 });
    return joinSkip(parameters, i, upsample2(x), upsample2(projected), part);
  });
}

/**
 * The residual block of stage i.
 *
 * @param upsampled  its input, [1, D, H, W, 2c]
 * @param projected  the input's share of the shortcut, [1, D, H, W, c]
 * @param part       the skip's share
 * @returns          [1, D, H, W, c]
 */
export function joinSkip(
  parameters: Parameters,
  i: number,
  upsampled: tf.Tensor,
  projected: tf.Tensor,
  part: SkipPart,
): tf.Tensor {
  const { at, affine } = stageParameters(parameters, i);
  return tf.tidy(() => {
    const first = affine("norm1", 0, upsampled.shape[4]!);
    const hidden = normReluConv3d(upsampled, ...first, at("conv1.weight"), { from: 0, addend: part.hidden });
    const addend = tf.add(projected, part.shortcut);
    return normReluConv3d(hidden, at("norm2.weight"), at("norm2.bias"), at("conv2.weight"), { addend });
  });
}

function stageParameters(parameters: Parameters, i: number) {
  const at = (name: string) => parameter(parameters, `decoder.stages.${i}.${name}`);
  /** Gain and shift of `count` channels, beginning with `first`. */
  const affine = (norm: string, first: number, count: number): [gain: tf.Tensor, shift: tf.Tensor] => [
    tf.slice(at(`${norm}.weight`), [first], [count]),
    tf.slice(at(`${norm}.bias`), [first], [count]),
  ];
  return { at, affine };
}
