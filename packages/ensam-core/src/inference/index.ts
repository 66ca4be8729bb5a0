export {
  averagePrefix,
  type Checkpoint,
  CheckpointError,
  checkpointCandidates,
  ensamModelFromCheckpoint,
  findModel,
  paperMaxVoxels,
  type StoredModel,
  type StoredTensor,
  trainedMaxVoxels,
  trainedOnClicksAlone,
} from "./checkpoint.ts";
export { type LookAgainOptions, lookAgain, type ViewedLogits } from "./lookAgain.ts";
export { maskCertainty, maskLogits } from "./maskLogits.ts";
export { emptyLabels, type Merged, mergeObjects, type ObjectLogits } from "./merge.ts";
export { type Look, nextLook } from "./nextLook.ts";
export { fallbackOf, type OpenVolume, openVolume, type VolumeOptions } from "./openVolume.ts";
export { probabilitiesOf } from "./probabilities.ts";
export { type Click, type GridPrompts, gridPrompts, type PromptedObject } from "./prompts.ts";
export { boxMargin, regionOf } from "./region.ts";
export {
  decodeObject,
  disposeView,
  type EncodedView,
  encodeView,
  loadModel,
  type Segmenter,
  segmenterOf,
} from "./segmenter.ts";
export {
  type Answer,
  type ClickRule,
  challengeClicks,
  interactionLoop,
  type LoopOptions,
  type Round,
  type Simulation,
  simulateCase,
} from "./simulate.ts";
export { cellOf, cornersOf, type View, viewOf, voxelsOf } from "./view.ts";
