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
  inverseTurn,
  isNoTurn,
  noTurn,
  turnAffine,
  turnBox,
  turnToLps,
  turnVoxel,
  turnZyx,
} from "./axisTurn.ts";
export { type Box, boxShape, growBox, intersectBoxes, type Margins, uniteBoxes, wholeBox } from "./box.ts";
export { type NearestAxis, nearestAxes } from "./nearestAxes.ts";
export { type PlacedShape, type TurnOnto, turnOnto } from "./placement.ts";
export { sameZyx, voxelCount, type Zyx } from "./zyx.ts";
