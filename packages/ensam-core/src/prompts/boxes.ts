import type { Box } from "../voxels/index.ts";
import type { ChallengeBox } from "./challengeBox.ts";
import type { Click } from "./click.ts";

/** A box prompt in our own form: half-open. */
export type PromptBox = Box;

/** What the user has said about one object so far; clicks in the order they were given. */
export interface ObjectPrompts {
  readonly box?: PromptBox;
  readonly clicks: readonly Click[];
}

/** The box of the challenge's format (all ends inclusive) as a half-open one. */
export function boxOfChallenge(box: ChallengeBox): PromptBox {
  return {
    min: [box.z_min, box.z_mid_y_min, box.z_mid_x_min],
    max: [box.z_max + 1, box.z_mid_y_max + 1, box.z_mid_x_max + 1],
  };
}

/** A half-open box in the challenge's format; its middle slice is the one the official rule names for an object on all slices. */
export function challengeOfBox({ min, max }: PromptBox): ChallengeBox {
  return {
    z_min: min[0],
    z_max: max[0] - 1,
    z_mid: min[0] + Math.floor((max[0] - min[0]) / 2),
    z_mid_x_min: min[2],
    z_mid_y_min: min[1],
    z_mid_x_max: max[2] - 1,
    z_mid_y_max: max[1] - 1,
  };
}
