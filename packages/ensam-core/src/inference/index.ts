export { type Click, type PromptedObject, paperMaxVoxels, regionOf } from "../geometry/index.ts";
export { frameNeeds, type ModelConfig } from "../model/index.ts";
export {
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
export type { Merged, ObjectLogits } from "./merge.ts";
export type { Look } from "./nextLook.ts";
export {
  type Crops,
  mergeAnswers,
  type OpenVolume,
  openVolume,
  type StatedObject,
  type VolumeOptions,
} from "./openVolume.ts";
export { type PromptedImage, type PromptedImageOptions, promptedImage } from "./promptedImage.ts";
export { type EncodedFrame, loadModel, predictionBytes, type Segmenter } from "./segmenter.ts";
export { simulateCase } from "./simulateCase.ts";
