import { setImmediate as nextTurn } from "node:timers/promises";
import { type FrameOptions, frameOf, type PromptedObject, regionOf, type Zyx } from "@ensam/core/geometry";
import { openVolume, type Segmenter, type VolumeState } from "@ensam/core/inference";
import { frameNeeds } from "@ensam/core/model";
import { type LabelMap, maskLogits } from "@ensam/core/voxels";
import type { ChallengeInput } from "./challengeInput.ts";
import { readState, writeState } from "./challengeState.ts";

export interface AnswerOptions {
  /** SHA-256 of the model's file and the options that change its answers. */
  readonly identity: string;
  readonly maxVoxels: number;
  readonly cropWithoutBox?: number | undefined;
}

export interface ChallengeAnswer {
  readonly labels: LabelMap;
  /** What the previous logits came from. */
  readonly from: "nothing" | "state" | "prev_pred";
  /** Writes what the next call goes on from. */
  keep(): Promise<void>;
}

/** The label map for all prompts of a call, built on the last call's logits where they are kept, else on its label map. */
export async function answerCase(
  segmenter: Segmenter,
  input: ChallengeInput,
  statePath: string,
  { identity, maxVoxels, cropWithoutBox }: AnswerOptions,
): Promise<ChallengeAnswer> {
  const { image, objects, previous, spacing } = input;
  const needs = frameNeeds(segmenter.config, spacing);
  const owner = { model: identity, image, maxVoxels, multiple: needs.multiple };
  const kept = await readState(statePath, owner, objects, previous);
  const resume = kept ?? stateOfMask(previous, image.shape, objects, { maxVoxels, cropWithoutBox, ...needs });
  const volume = openVolume(segmenter, image, {
    maxVoxels,
    spacing,
    ...(cropWithoutBox !== undefined && { cropWithoutBox }),
    resume,
    pause: nextTurn, // Signals are heard between turns of the event loop only.
  });
  try {
    const { labels } = await volume.predict(objects);
    const state = volume.state()!;
    return {
      labels,
      from: kept ? "state" : resume ? "prev_pred" : "nothing",
      keep: () => writeState(statePath, owner, state, labels),
    };
  } finally {
    volume.dispose();
  }
}

/** A previous label map in place of logits: objects that it holds start from their masks, others from nothing. */
function stateOfMask(
  previous: LabelMap | undefined,
  shape: Zyx,
  objects: readonly PromptedObject[],
  { maxVoxels, cropWithoutBox, ...needs }: Pick<AnswerOptions, "maxVoxels" | "cropWithoutBox"> & FrameOptions,
): VolumeState | undefined {
  if (previous === undefined) return undefined;
  const there = objects.filter(({ label }) => previous.data.includes(label));
  if (there.length === 0) return undefined;
  const crop = regionOf(objects, shape, cropWithoutBox);
  const frame = frameOf(shape, crop, maxVoxels, needs);
  const noPrompts = ({ label }: PromptedObject): PromptedObject => ({ label, clicks: [] });
  const states = there.map((object) => ({
    prompts: noPrompts(object),
    logits: maskLogits(frame, previous, object.label),
  }));
  return { crop, objects: states };
}
