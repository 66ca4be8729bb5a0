import { decode, encode, encodedTensors, type ModelConfig, type Parameters, withTensors } from "../model/index.ts";
import { cellSize } from "../geometry/index.ts";
import { interact } from "../prompts/index.ts";
import type { Sample } from "../samples/index.ts";
import { readForeground, tf } from "../tensors/index.ts";
import { sampleUser } from "./sampleUser.ts";

/** What a model made of a sample. */
export interface Validated {
  /** After the box and after each click; the first is undefined when the sample has no box. */
  readonly dsc: readonly (number | undefined)[];
  /** Of the last interaction, on the sample's grid; undefined where there was none. */
  readonly logits?: Float32Array;
}

/** DSC and last logits on a sample, without gradients. Prompts come as in training. */
export async function validationStep(
  parameters: Parameters,
  config: ModelConfig,
  sample: Sample,
  clicks: number,
): Promise<Validated> {
  const user = sampleUser(sample, clicks);
  const size = cellSize(sample.frame);
  const features = tf.tidy(() => {
    const volume = tf.tensor5d(sample.volume, [1, ...sample.frame.shape, 1], "float32");
    return encodedTensors(encode(parameters, config, volume, { cellSize: size }));
  });
  const encoded = withTensors(features, config.coordinates === "mm" ? size : undefined);
  let previous: tf.Tensor | undefined;
  try {
    await interact(user, async (prompts) => {
      const before = previous;
      previous = tf.tidy(() => decode(parameters, config, encoded, prompts, before));
      before?.dispose();
      return (await readForeground(previous)).foreground;
    });
    const logits = (await previous?.data()) as Float32Array | undefined;
    return { dsc: user.dsc, ...(logits && { logits }) };
  } finally {
    previous?.dispose();
    tf.dispose(features);
  }
}
