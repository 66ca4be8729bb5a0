export {
  type Box,
  boxShape,
  growBox,
  intersectBoxes,
  type Margins,
  pooledShape,
  poolingFactors,
  sameZyx,
  uniteBoxes,
  voxelCount,
  wholeBox,
  type Zyx,
} from "../geometry/index.ts";
export { type Augmentation, augment, drawAugmentation } from "./augmentation.ts";
export { boundingBox } from "./boundingBox.ts";
export { type Components, components26, type LargestComponent, largestComponent26 } from "./components.ts";
export { crop, pasteInto } from "./crop.ts";
export { type BorderOptions, squaredDistance } from "./distance.ts";
export { squaredDistanceInside } from "./distanceInside.ts";
export { imageToGrid, maskToGrid } from "./framed.ts";
export type { FramedLogits } from "./framedLogits.ts";
export { greyLevelDoubts } from "./greyLevelDoubts.ts";
export { type GreyLevels, greyLevels, passedThrough } from "./greyLevels.ts";
export { emptyLabels, type Grid, type LabelMap, type Mask, type Volume, type VoxelArray, zerosLike } from "./grid.ts";
export { type DescribedGreyLevels, guessedGreyLevels, type KnownIntensity } from "./guessedGreyLevels.ts";
export { type EightBitImage, type IntensityRule, parseWindow, toEightBit, type Window, windows } from "./intensity.ts";
export { type LabelExtent, labelBoxes } from "./labelBoxes.ts";
export { labelErrorRuns, labelRuns } from "./labelRuns.ts";
export { type LogitRows, logitRows } from "./logitRows.ts";
export { maskOf, maskVoxels } from "./mask.ts";
export { maskLogits } from "./maskLogits.ts";
export { padToMultiple } from "./pad.ts";
export { type PercentileOptions, percentile, percentiles } from "./percentile.ts";
export { maxPool } from "./pool.ts";
export { probabilitiesOf } from "./probabilities.ts";
export { type RandomStream, randomStream } from "./random.ts";
export { reframeLogits } from "./reframeLogits.ts";
export { maskRuns, paintRuns, type Runs } from "./runs.ts";
export { turnGrid } from "./turnGrid.ts";
