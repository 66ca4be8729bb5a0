export {
  type CheckpointNotes,
  type CheckpointPayload,
  checkpointNotes,
  checkpointOf,
  type FittingWeights,
  fittingWeights,
  restoreTraining,
} from "./checkpoint.ts";
export { checkpointProblem, nonFinite } from "./checkpointProblem.ts";
export type { TrainingSettings } from "./settings.ts";
export { disposeTraining, type SampleRecord, startTraining, type TrainingState, weightsToUse } from "./state.ts";
export {
  gradientOfInteractions,
  type InteractionLoss,
  type StepGradient,
  type StepInput,
  type StepOptions,
} from "./step.ts";
export {
  isDone,
  NonFiniteGradients,
  type Prepared,
  type TrainerOptions,
  type TrainingEvent,
  train,
} from "./trainer.ts";
export { type StepResult, trainStep } from "./trainStep.ts";
export { addGradients, type Update, update } from "./update.ts";
export { type Validated, validationStep } from "./validationStep.ts";
