export {
  type Affine,
  affineOfLps,
  affineOfSpacing,
  columns,
  determinant,
  isSheared,
  type RasPoint,
  spacingOfAffine,
  voxelToWorld,
  worldToVoxel,
} from "./affine.ts";
export { axisCodes } from "./axisCodes.ts";
export {
  type AxisTurn,
  allTurns,
  axesBefore,
  inverseTurn,
  isNoTurn,
  isSameTurn,
  noTurn,
  turnAffine,
  turnBox,
  turnToLps,
  turnVoxel,
  turnZyx,
} from "./axisTurn.ts";
export {
  type Box,
  boxShape,
  growBox,
  intersectBoxes,
  isInside,
  lastVoxel,
  type Margins,
  uniteBoxes,
  wholeBox,
} from "./box.ts";
export { boxOfChallenge, type ChallengeBox, challengeOfBox } from "./challengeBox.ts";
export {
  boxToGrid,
  cellSize,
  cellToImage,
  type Frame,
  type FrameOptions,
  frameOf,
  pointToGrid,
  promptsToGrid,
} from "./frame.ts";
export type { NearestAxis } from "./nearestAxes.ts";
export { type PlacedShape, type TurnOnto, turnOnto } from "./placement.ts";
export { gridMultiple, paddedShape, paperMaxVoxels, pooledShape, poolingFactors } from "./pooling.ts";
export {
  type Click,
  excludeOthers,
  mapPrompts,
  type PromptedObject,
  type Prompts,
  samePrompts,
  turnPrompts,
} from "./prompts.ts";
export { around, boxMargin, growToward, objectRegion, regionOf } from "./region.ts";
export { sameZyx, voxelCount, type Zyx } from "./zyx.ts";
