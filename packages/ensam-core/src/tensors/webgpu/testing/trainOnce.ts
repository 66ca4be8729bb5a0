import type { Zyx } from "../../../geometry/index.ts";
import { initParameters, parametersFromValues, presets, unitAxes } from "../../../model/index.ts";
import { clipByGlobalNorm, disposeTensors, normalizeWeights, optimizer } from "../../../optim/index.ts";
import { scriptedUser } from "../../../prompts/index.ts";
import { gradientOfInteractions } from "../../../training/index.ts";
import { randomStream } from "../../../voxels/index.ts";
import type { tf } from "../../tf.ts";

const config = presets.tiny;

/** A training step of the tiny preset on the current device: losses, gradients, and the parameters after one update. */
export async function trainOnce(shape: Zyx = [8, 16, 24]) {
  const parameters = parametersFromValues(config, initParameters(config, randomStream(1, "parameters")));
  const random = randomStream(1, "volume");
  const volume = Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, () => random.float());
  const target = Uint8Array.from(volume, (_, i) => (i % 24 < 9 && Math.floor(i / 24) % 16 > 4 ? 1 : 0));
  const box = { min: [0, 5, 0], max: [8, 16, 9] } as const;
  const clicks = [{ at: [3, 7, 5], foreground: true }] as const;
  const { init, update } = optimizer({ grouping: "hidden" });
  const state = init(parameters);

  const { loss, gradients } = await gradientOfInteractions(
    parameters,
    config,
    { volume, target, shape },
    scriptedUser([0, 1].map((round) => ({ box, clicks: clicks.slice(0, round) }))),
  );
  const { gradients: clipped, norm } = clipByGlobalNorm(gradients, 1);
  const next = update(parameters, clipped, state, 2e-3);
  const normalized = normalizeWeights(next.parameters, unitAxes(config));
  const result = { loss, gradients: await valuesOf(gradients), parameters: await valuesOf(normalized) };
  norm.dispose();
  for (const record of [
    parameters,
    gradients,
    clipped,
    next.parameters,
    next.state.tensors,
    state.tensors,
    normalized,
  ]) {
    disposeTensors(record);
  }
  return result;
}

/** The values of tensors, by their names. */
export async function valuesOf(record: Record<string, tf.Tensor>): Promise<Record<string, Float32Array>> {
  const entries = Object.entries(record).map(async ([name, value]) => [name, (await value.data()).slice()] as const);
  return Object.fromEntries(await Promise.all(entries)) as Record<string, Float32Array>;
}
