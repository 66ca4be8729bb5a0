export { clipByGlobalNorm } from "./clip.ts";
export { averageWeights } from "./ema.ts";
export type { Grouping } from "./groups.ts";
export { normalizeWeights } from "./normalizeWeights.ts";
export {
  disposeTensors,
  type LearningRates,
  type Optimizer,
  type OptimizerOptions,
  type OptimizerState,
  optimizer,
  type TensorRecord,
  type Updated,
} from "./optimizer.ts";
export { learningRateAt, type Schedule } from "./schedule.ts";
