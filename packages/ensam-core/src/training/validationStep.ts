import { decode, encode, encodedTensors, type ModelConfig, type Parameters, withTensors } from "../model/index.ts";
import { readForeground, tf } from "../tensors/index.ts";
import type { Sample } from "./sample/index.ts";
import { simulate } from "./trainStep.ts";

/**
 * DSC after the box and after each click, without gradients; the first is undefined when the sample has no box. Prompts
 * come as in training.
 *
 * @param onLast  given the logits of the last interaction, on the sample's grid
 */
export async function validationStep(
  parameters: Parameters,
  config: ModelConfig,
  sample: Sample,
  clicks: number,
  onLast?: (logits: Float32Array) => void,
): Promise<(number | undefined)[]> {
  const simulation = simulate(sample);
  const first = sample.box === undefined ? 1 : 0;
  const features = tf.tidy(() => {
    const volume = tf.tensor5d(sample.volume, [1, ...sample.shape, 1], "float32");
    return encodedTensors(encode(parameters, config, volume));
  });
  const encoded = withTensors(features);
  let previous: tf.Tensor | undefined;
  try {
    for (let interaction = first; interaction <= clicks; interaction++) {
      const prompts = simulation.promptsFor(interaction);
      const before = previous;
      previous = tf.tidy(() => decode(parameters, config, encoded, prompts, before));
      before?.dispose();
      const { foreground } = await readForeground(previous);
      simulation.take(foreground);
      if (interaction === clicks && onLast !== undefined) onLast((await previous.data()) as Float32Array);
    }
    return first === 1 ? [undefined, ...simulation.dsc] : [...simulation.dsc];
  } finally {
    previous?.dispose();
    tf.dispose(features);
  }
}
