export { type Click, type PromptedObject, paperMaxVoxels, regionOf } from "../geometry/index.ts";
export { frameNeeds, type ModelConfig } from "../model/index.ts";
export {
  averagePrefix,
  type Checkpoint,
  CheckpointError,
  checkpointCandidates,
  ensamModelFromCheckpoint,
  findModel,
  type StoredModel,
  type StoredTensor,
  trainedMaxVoxels,
  trainedOnClicksAlone,
} from "./checkpoint.ts";
export { type LookAgainOptions, lookAgain } from "./lookAgain.ts";
export { type Merged, mergeObjects, type ObjectLogits } from "./merge.ts";
export { type Look, nextLook } from "./nextLook.ts";
export {
  type Crops,
  mergeAnswers,
  type OpenVolume,
  openVolume,
  type StatedObject,
  type VolumeOptions,
} from "./openVolume.ts";
export { type PromptedImage, type PromptedImageOptions, promptedImage } from "./promptedImage.ts";
export {
  decodeObject,
  disposeEncoded,
  type EncodedFrame,
  encodeFrame,
  loadModel,
  predictionBytes,
  type Segmenter,
  segmenterOf,
} from "./segmenter.ts";
export { simulateCase } from "./simulateCase.ts";
