import { type ModelConfig, type Parameters, stepMemory, type TokenPrompts } from "../model/index.ts";
import { type Click, nextClick } from "../prompts/index.ts";
import { expectMemory, mebibytes } from "../tensors/index.ts";
import { type Box, crop, type Mask } from "../voxels/index.ts";
import { contentBox } from "./content.ts";
import type { Sample } from "./sample/index.ts";
import { gradientOfInteractions, type StepGradient, type StepOptions } from "./step.ts";

export interface StepResult extends StepGradient {
  /** DSC after the box and after each click; the first is undefined in an episode without box. */
  readonly dsc: readonly (number | undefined)[];
  readonly clicks: readonly Click[];
}

/**
 * One training step's loss and gradients on a sample: the box, then `clicks` clicks, each placed by the challenge's rule
 * from the last prediction, inside of the part that is not padding. Without a box the first click comes from the empty
 * mask and there is one interaction less, as in the challenge. A perfect mask gives no click; the interaction then takes
 * place with the prompts there are, as the challenge's evaluator does.
 */
export async function trainStep(
  parameters: Parameters,
  config: ModelConfig,
  sample: Sample,
  clicks: number,
  options: StepOptions = {},
): Promise<StepResult> {
  const what = `a training step on ${sample.shape.join(" x ")} voxels`;
  expectMemory(what, stepMemory(config, sample.shape, options), (limitBytes) => {
    const frugal = stepMemory(config, sample.shape, { recompute: true });
    const helps = !options.recompute && frugal <= limitBytes;
    const recompute = helps ? `add --recompute to need ${mebibytes(frugal)} MiB, ` : "";
    return `${recompute}lower --max-voxels, take a smaller preset or raise --memory`;
  });
  const simulation = simulate(sample);
  const first = sample.box === undefined ? 1 : 0;
  const result = await gradientOfInteractions(
    parameters,
    config,
    sample,
    clicks + 1 - first,
    (round) => simulation.promptsFor(round + first),
    (_round, foreground) => simulation.take(foreground),
    options,
  );
  return { ...result, dsc: first === 1 ? [undefined, ...simulation.dsc] : simulation.dsc, clicks: simulation.clicks };
}

/** The user of a sample: gives the box, then clicks where the last mask is wrong, and keeps the score. */
export interface Simulation {
  readonly clicks: readonly Click[];
  /** DSC of each mask taken. */
  readonly dsc: readonly number[];
  /** All prompts of an interaction; 0 is the box. */
  promptsFor(interaction: number): TokenPrompts;
  /** Shows the user an answer: 1 where it says object, else 0, on the sample's grid. */
  take(foreground: Uint8Array): void;
}

export function simulate(sample: Sample): Simulation {
  const inside = contentBox(sample);
  const truth: Mask = crop({ data: sample.target, shape: sample.shape }, inside);
  let prediction: Mask = { data: new Uint8Array(truth.data.length), shape: truth.shape };
  const clicks: Click[] = [];
  const dsc: number[] = [];
  return {
    clicks,
    dsc,
    promptsFor(interaction) {
      const click = interaction === 0 ? undefined : nextClick(truth, prediction);
      if (click) clicks.push(click);
      return tokenPrompts(sample.box, clicks);
    },
    take(foreground) {
      prediction = crop({ data: foreground, shape: sample.shape }, inside);
      dsc.push(dice(truth.data, prediction.data));
    },
  };
}

/** Prompts as the model takes them: corners inclusive. */
function tokenPrompts(box: Box | undefined, clicks: readonly Click[]): TokenPrompts {
  const given = clicks.map(({ at, foreground }) => ({ at, foreground }));
  if (box === undefined) return { clicks: given };
  const [z, y, x] = box.max;
  return { box: { low: box.min, high: [z - 1, y - 1, x - 1] }, clicks: given };
}

/** Dice of two masks with 0 and 1, of which the first has a voxel. */
function dice(truth: Uint8Array, prediction: Uint8Array): number {
  let [both, sizes] = [0, 0];
  for (let i = 0; i < truth.length; i++) {
    both += truth[i]! & prediction[i]!;
    sizes += truth[i]! + prediction[i]!;
  }
  return (2 * both) / sizes;
}
