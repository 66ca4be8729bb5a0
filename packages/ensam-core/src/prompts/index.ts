export { boxOfChallenge, challengeOfBox, type ObjectPrompts, type PromptBox } from "./boxes.ts";
export { type ChallengeBox, challengeBox, challengeBoxes, drawChallengeBox, largestShift } from "./challengeBox.ts";
export { type Click, deepestPoint, nextClick } from "./click.ts";
export { type DeepestVoxels, deepestVoxels } from "./deepestVoxels.ts";
export { nextClicks } from "./nextClicks.ts";
export { officialChoice } from "./officialChoice.ts";
