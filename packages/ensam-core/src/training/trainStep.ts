import { type Click, cellSize } from "../geometry/index.ts";
import { type ModelConfig, type Parameters, stepMemory } from "../model/index.ts";
import type { Sample } from "../samples/index.ts";
import { expectMemory, mebibytes } from "../tensors/index.ts";
import { sampleUser } from "./sampleUser.ts";
import { gradientOfInteractions, type StepGradient, type StepOptions } from "./step.ts";

export interface StepResult extends StepGradient {
  /** DSC after the box and after each click; the first is undefined in an episode without box. */
  readonly dsc: readonly (number | undefined)[];
  readonly clicks: readonly Click[];
}

/** One training step's loss and gradients on a sample: its box, then `clicks` clicks, see `sampleUser`. */
export async function trainStep(
  parameters: Parameters,
  config: ModelConfig,
  sample: Sample,
  clicks: number,
  options: StepOptions = {},
): Promise<StepResult> {
  const { shape } = sample.frame;
  const what = `a training step on ${shape.join(" x ")} voxels`;
  expectMemory(what, stepMemory(config, shape, options), (limitBytes) => {
    const frugal = stepMemory(config, shape, { recompute: true });
    const helps = !options.recompute && frugal <= limitBytes;
    const recompute = helps ? `add --recompute to need ${mebibytes(frugal)} MiB, ` : "";
    return `${recompute}lower --max-voxels, take a smaller preset or raise --memory`;
  });
  const user = sampleUser(sample, clicks);
  const { volume, target } = sample;
  const input = { volume, target, shape, cellSize: cellSize(sample.frame) };
  const result = await gradientOfInteractions(parameters, config, input, user, options);
  return { ...result, dsc: user.dsc, clicks: user.clicks() };
}
