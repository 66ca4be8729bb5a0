import { costs, initParameters, type ModelConfig, parametersFromValues, totalCosts } from "@ensam/core/model";
import { scriptedUser } from "@ensam/core/prompts";
import { tf } from "@ensam/core/tensors";
import { gradientOfInteractions } from "@ensam/core/training";
import { randomStream, type Zyx } from "@ensam/core/voxels";

const shape: Zyx = [16, 16, 16];

/**
 * Multiply-accumulates per second of a training step, measured on a volume of 16 x 16 x 16 on the open device, after
 * one step to warm up. Larger volumes run faster on devices with much parallelism.
 */
export async function measureSpeed(config: ModelConfig): Promise<number> {
  const random = randomStream(1, "speed");
  const parameters = parametersFromValues(config, initParameters(config, random));
  const volume = Float32Array.from({ length: 16 ** 3 }, () => random.float());
  const target = Uint8Array.from(volume, (value) => (value > 0.5 ? 1 : 0));
  const clicks = [{ at: [8, 8, 8] as Zyx, foreground: true }];
  const step = async () => {
    const begun = performance.now();
    const user = scriptedUser([{ clicks }]);
    const { gradients } = await gradientOfInteractions(parameters, config, { volume, target, shape }, user);
    await Object.values(gradients)[0]!.data();
    tf.dispose(gradients);
    return (performance.now() - begun) / 1000;
  };
  try {
    await step();
    const { encoder, decoder, interaction } = totalCosts(costs(config, shape, clicks.length));
    return (3 * (encoder + decoder + interaction)) / (await step());
  } finally {
    tf.dispose(parameters);
  }
}
