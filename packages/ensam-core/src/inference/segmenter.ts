import {
  decode,
  type Encoded,
  encode,
  encodedTensors,
  type ModelConfig,
  type Parameters,
  predictionMemory,
  volumeMultiple,
} from "../model/index.ts";
import { expectMemory, tf } from "../tensors/index.ts";
import { crop, type Grid, maxPool, padToMultiple, unitIntensities } from "../voxels/index.ts";
import { type GridPrompts, gridPrompts, type PromptedObject } from "./prompts.ts";
import type { View } from "./view.ts";

/** A model ready to answer prompts, on the device that is open now. */
export interface Segmenter {
  readonly config: ModelConfig;
  readonly parameters: Parameters;
  /** Frees the parameters if this segmenter made them. */
  dispose(): void;
}

/** A segmenter on parameters that live elsewhere, such as those in training: disposing it leaves them alone. */
export function segmenterOf(parameters: Parameters, config: ModelConfig): Segmenter {
  return { config, parameters, dispose: () => undefined };
}

/** A segmenter with its own copy of the parameters on the device; the caller disposes it. */
export function loadModel(
  values: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>,
  config: ModelConfig,
): Segmenter {
  const parameters: Parameters = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, tf.tensor(value.data, [...value.shape], "float32")]),
  );
  return { config, parameters, dispose: () => tf.dispose(parameters) };
}

/** One view of a volume after the image encoder: all that the prompts of any number of objects need of it. */
export interface EncodedView {
  readonly view: View;
  readonly encoded: Encoded;
}

/**
 * Runs the image encoder on a view of an 8-bit volume. Values are divided by 255, as in training, so 0 stays 0 and 255
 * is 1; padding is 0. (The authors' inference code instead stretches the positive voxels of each crop to [0, 1]; then a
 * model would see other intensities than it was trained on.)
 */
export function encodeView(segmenter: Segmenter, image: Grid<Uint8Array>, view: View): EncodedView {
  const { paddedShape } = view;
  const [depth, height, width] = paddedShape;
  const needed = predictionMemory(segmenter.config, paddedShape);
  const wayOut = () => "lower --max-voxels, take a smaller preset or raise --memory";
  expectMemory(`a prediction on ${paddedShape.join(" x ")} voxels`, needed, wayOut);
  const volume = tf.tensor5d(gridValues(image, view), [1, depth, height, width, 1], "float32");
  try {
    return { view, encoded: encode(segmenter.parameters, segmenter.config, volume) };
  } finally {
    volume.dispose();
  }
}

/** The view as the model sees it: [D, H, W] of `view.paddedShape`, values in [0, 1]. */
export function gridValues(image: Grid<Uint8Array>, view: View): Float32Array {
  const pooled = maxPool(crop(image, view.crop), view.factors);
  return unitIntensities(padToMultiple(pooled, volumeMultiple, 0).data);
}

/**
 * The logits of one object for all its prompts so far.
 *
 * @param previous  its logits of the interaction before, if there was one
 * @returns         [D, H, W] of `view.paddedShape`
 */
export async function decodeObject(
  segmenter: Segmenter,
  { view, encoded }: EncodedView,
  object: Omit<PromptedObject, "label">,
  previous?: Float32Array,
): Promise<Float32Array> {
  const prompts: GridPrompts = gridPrompts(view, object);
  const logits = tf.tidy(() => {
    const [depth, height, width] = view.paddedShape;
    const before = previous === undefined ? undefined : tf.tensor5d(previous, [1, depth, height, width, 1], "float32");
    return decode(segmenter.parameters, segmenter.config, encoded, prompts, before);
  });
  try {
    return Float32Array.from(await logits.data());
  } finally {
    logits.dispose();
  }
}

/** Frees the features of an encoded view. */
export function disposeView({ encoded }: EncodedView): void {
  for (const tensor of encodedTensors(encoded)) tensor.dispose();
}
