import { setImmediate as nextTurn } from "node:timers/promises";
import { type Crops, openVolume, type Segmenter } from "@ensam/core/inference";
import { frameNeeds } from "@ensam/core/model";
import type { LabelMap } from "@ensam/core/voxels";
import type { ChallengeInput } from "./challengeInput.ts";
import { readState, writeState } from "./challengeState.ts";

export interface AnswerOptions {
  /** SHA-256 of the model's file and the options that change its answers. */
  readonly identity: string;
  readonly crops: Crops;
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
  { image, objects, previous, spacing }: ChallengeInput,
  statePath: string,
  { identity, ...options }: AnswerOptions,
): Promise<ChallengeAnswer> {
  const { multiple } = frameNeeds(segmenter.config, spacing);
  const owner = { model: identity, image, maxVoxels: options.maxVoxels, multiple };
  const resume = await readState(statePath, owner, objects, previous);
  const volume = openVolume(segmenter, image, {
    ...options,
    spacing,
    ...(resume === undefined ? { previous } : { resume }),
    pause: nextTurn, // Signals are heard between turns of the event loop only.
  });
  try {
    const { labels } = await volume.predict(objects);
    const state = volume.state();
    return {
      labels,
      from: resume ? "state" : objects.some(({ label }) => previous?.data.includes(label)) ? "prev_pred" : "nothing",
      keep: () => writeState(statePath, owner, state, labels),
    };
  } finally {
    volume.dispose();
  }
}
