import { cellSize, type Frame, type Prompts, promptsToGrid } from "../geometry/index.ts";
import {
  decode,
  type Encoded,
  encode,
  encodedTensors,
  type ModelConfig,
  type Parameters,
  predictionMemory,
} from "../model/index.ts";
import { expectMemory, tf } from "../tensors/index.ts";
import { type Grid, imageToGrid } from "../voxels/index.ts";

/** A model ready to answer prompts, on the device that is open now. */
export interface Segmenter {
  readonly config: ModelConfig;
  readonly parameters: Parameters;
  /** Frees the parameters if this segmenter made them. */
  dispose(): void;
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

/** A part of an image after the image encoder: all that the prompts of any number of objects need of it. */
export interface EncodedFrame {
  readonly frame: Frame;
  readonly encoded: Encoded;
}

/** Bytes that answering a prompt takes at its peak, estimated, on an image of so many voxels: more than `maxVoxels` are pooled. */
export function predictionBytes(config: ModelConfig, voxels: number, maxVoxels: number): number {
  return predictionMemory(config, [1, 1, Math.min(voxels, maxVoxels)]);
}

/** Runs the image encoder on a part of an 8-bit image. */
export function encodeFrame(segmenter: Segmenter, image: Grid<Uint8Array>, frame: Frame): EncodedFrame {
  const { shape } = frame;
  const needed = predictionMemory(segmenter.config, shape);
  const wayOut = () => "lower --max-voxels, take a smaller preset or raise --memory";
  expectMemory(`a prediction on ${shape.join(" x ")} voxels`, needed, wayOut);
  const volume = tf.tensor5d(imageToGrid(image, frame).data, [1, ...shape, 1], "float32");
  try {
    return { frame, encoded: encode(segmenter.parameters, segmenter.config, volume, { cellSize: cellSize(frame) }) };
  } finally {
    volume.dispose();
  }
}

/**
 * The logits of one object for all its prompts so far.
 *
 * @param prompts   in voxels of the image
 * @param previous  its logits of the interaction before, if there was one
 * @returns         [D, H, W] of `frame.shape`
 */
export async function decodeObject(
  segmenter: Segmenter,
  { frame, encoded }: EncodedFrame,
  prompts: Prompts,
  previous?: Float32Array,
): Promise<Float32Array> {
  const logits = tf.tidy(() => {
    const before = previous && tf.tensor5d(previous, [1, ...frame.shape, 1], "float32");
    return decode(segmenter.parameters, segmenter.config, encoded, promptsToGrid(frame, prompts), before);
  });
  try {
    return Float32Array.from(await logits.data());
  } finally {
    logits.dispose();
  }
}

/** Frees the features of an encoded frame. */
export function disposeEncoded({ encoded }: EncodedFrame): void {
  for (const tensor of encodedTensors(encoded)) tensor.dispose();
}
