import { setImmediate as nextTurn } from "node:timers/promises";
import { type ModelConfig, type Parameters, sampleNeeds } from "@ensam/core/model";
import type { SliceInput } from "@ensam/core/runs";
import { poolSample, type Sample, validationSample } from "@ensam/core/samples";
import { OutOfMemory } from "@ensam/core/tensors";
import { validationStep } from "@ensam/core/training";
import { labelBoxes, randomStream } from "@ensam/core/voxels";
import { loadCase } from "./loadCase.ts";
import type { InputCase } from "./rows.ts";

export interface ValidationOptions {
  readonly seed: number;
  readonly clicks: number;
  readonly maxVoxels: number;
  /** Most objects of a case. */
  readonly objects: number;
  /** Asked before each object: true gives the validation up. */
  readonly stopped: () => boolean;
  readonly onFailure: (name: string, error: unknown) => Promise<void>;
  readonly now: () => number;
  /** Told of each case whose voxel size the model asks for and the file does not say. */
  readonly onUnknownSpacing?: (name: string) => void;
  /** Given the first object of each case, after the last interaction. */
  readonly onPrediction?: (prediction: Omit<SliceInput, "step">) => void;
}

/** What a validation row holds, besides where in the run it is. */
export interface ValidationScores {
  readonly cases: number;
  /** Mean over cases after the box and after each click; null where there was no interaction. */
  readonly dsc: (number | null)[];
  readonly dscFinal: number | null;
  readonly modalities: Record<string, { cases: number; dsc: (number | null)[] }>;
  readonly seconds: number;
}

type Scores = readonly (number | undefined)[];

/**
 * Mean DSC after the box and after each click: over the objects of a case, then over cases, in all and by modality.
 * Undefined if it was stopped, or no case could be used.
 */
export async function validate(
  parameters: Parameters,
  config: ModelConfig,
  cases: readonly InputCase[],
  options: ValidationOptions,
): Promise<ValidationScores | undefined> {
  const begun = options.now();
  const scores: { modality: string; dsc: Scores }[] = [];
  for (const { row, npz } of cases) {
    try {
      const dsc = await caseScores(parameters, config, row.case, npz, options);
      if (dsc === undefined) return undefined;
      scores.push({ modality: row.modality, dsc });
    } catch (error) {
      if (isFatal(error)) throw error;
      await options.onFailure(row.case, error);
    }
  }
  if (scores.length === 0) return undefined;
  const dsc = meanScores(scores.map((score) => score.dsc));
  const modalities = [...new Set(scores.map(({ modality }) => modality))].sort().map((modality) => {
    const dsc = scores.filter((score) => score.modality === modality).map((score) => score.dsc);
    return [modality, { cases: dsc.length, dsc: meanScores(dsc) }] as const;
  });
  return {
    cases: scores.length,
    dsc,
    dscFinal: dsc.at(-1) ?? null,
    modalities: Object.fromEntries(modalities),
    seconds: options.now() - begun,
  };
}

async function caseScores(
  parameters: Parameters,
  config: ModelConfig,
  name: string,
  npz: string,
  { seed, clicks, maxVoxels, objects, stopped, onPrediction, onUnknownSpacing }: ValidationOptions,
): Promise<Scores | undefined> {
  const arrays = await loadCase(npz);
  const labels = [...labelBoxes(arrays.gts).keys()];
  if (labels.length === 0) throw new RangeError(`${name}: gts: expected at least one object, got only background`);
  const needs = sampleNeeds(config);
  if (needs.inMillimetres && arrays.spacing === undefined) onUnknownSpacing?.(name);
  const chosen = randomStream(seed, "validate", name).shuffle(labels).slice(0, objects);
  const scores: Scores[] = [];
  for (const label of chosen) {
    await nextTurn(); // Signals are heard between turns of the event loop only.
    if (stopped()) return undefined;
    const shown = scores.length === 0 ? onPrediction : undefined;
    const onLast = (sample: Sample, logits: Float32Array, dsc?: number) =>
      shown?.({ ...sample, case: name, dsc, shape: sample.frame.shape, truth: sample.target, prediction: logits });
    const sample = validationSample(arrays, label, maxVoxels, needs);
    scores.push(await scoresOf(parameters, config, sample, clicks, onLast));
  }
  return meanScores(scores).map((value) => value ?? undefined);
}

/** A sample that does not fit into memory is pooled once more, as in training. */
async function scoresOf(
  parameters: Parameters,
  config: ModelConfig,
  sample: Sample,
  clicks: number,
  onLast: (sample: Sample, logits: Float32Array, dsc?: number) => void,
): Promise<Scores> {
  const scored = async (of: Sample) => {
    const { dsc, logits } = await validationStep(parameters, config, of, clicks);
    if (logits !== undefined) onLast(of, logits, dsc.at(-1));
    return dsc;
  };
  try {
    return await scored(sample);
  } catch (error) {
    if (!isFatal(error)) throw error;
    return scored(poolSample(sample));
  }
}

/** The mean of each interaction over those that have it; null where none does. */
export function meanScores(scores: readonly (readonly (number | null | undefined)[])[]): (number | null)[] {
  const interactions = Math.max(0, ...scores.map((dsc) => dsc.length));
  return Array.from({ length: interactions }, (_, i) => {
    const values = scores.map((dsc) => dsc[i]).filter((value) => value !== null && value !== undefined);
    return values.length === 0 ? null : values.reduce((total, value) => total + value, 0) / values.length;
  });
}

/** Errors that no other case would survive. */
function isFatal(error: unknown): boolean {
  return error instanceof OutOfMemory;
}
