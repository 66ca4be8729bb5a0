import type { Box } from "./box.ts";

/**
 * A box prompt as the challenge's files store it. All ends are inclusive. z_min and z_max are the object's first and
 * last slice; x and y are its extent on slice z_mid alone, so the box can cut the object on other slices.
 */
export interface ChallengeBox {
  readonly z_min: number;
  readonly z_max: number;
  readonly z_mid: number;
  readonly z_mid_x_min: number;
  readonly z_mid_y_min: number;
  readonly z_mid_x_max: number;
  readonly z_mid_y_max: number;
}

/** The box of the challenge's format as a half-open one. */
export function boxOfChallenge(box: ChallengeBox): Box {
  return {
    min: [box.z_min, box.z_mid_y_min, box.z_mid_x_min],
    max: [box.z_max + 1, box.z_mid_y_max + 1, box.z_mid_x_max + 1],
  };
}

/**
 * A half-open box in the challenge's format; its middle slice is the one the official rule names for an object on all
 * slices.
 */
export function challengeOfBox({ min, max }: Box): ChallengeBox {
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
