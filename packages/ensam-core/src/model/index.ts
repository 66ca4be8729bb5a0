export {
  type AttentionKind,
  type CoordinateKind,
  checkConfig,
  deepened,
  frameNeeds,
  gridMultipleOf,
  type ModelConfig,
  type PositionKind,
  type PresetName,
  type PromptKind,
  presets,
  sampleNeeds,
} from "./config.ts";
export { type Component, type Costs, costs, parameterCounts, recomputedCosts, totalCosts } from "./costs.ts";
export type { DecodeOptions } from "./decoder.ts";
export { initParameters, type RandomSource } from "./initParameters.ts";
export { predictionMemory, stepMemory } from "./memory.ts";
export { decode, type Encoded, type EncodeOptions, encode, encodedTensors, withTensors } from "./model.ts";
export { type Parameters, parametersFromValues, type Trace } from "./parameters.ts";
export { type Initial, type ParameterRow, parameterTable, sizeOf, unitAxes } from "./parameterTable.ts";
