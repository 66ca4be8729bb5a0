export { boxOfChallenge, type ChallengeBox, type Click, challengeOfBox } from "../geometry/index.ts";
export { challengeBox, challengeBoxes, drawChallengeBox, largestShift } from "./challengeBox.ts";
export { deepestPoint } from "./click.ts";
export type { DeepestVoxels } from "./deepestVoxels.ts";
export { type CountedUser, interact, scriptedUser, type User } from "./interact.ts";
export { nextClicks } from "./nextClicks.ts";
export {
  type ClickRule,
  type Round,
  type Shown,
  type SimulatedUser,
  type SimulatedUserOptions,
  simulatedUser,
} from "./simulatedUser.ts";
export { type Answer, type Simulation, simulation } from "./simulation.ts";
