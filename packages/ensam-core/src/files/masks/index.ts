export { type Colour, colourOf, type LabelNames, type MaskObject } from "./maskObject.ts";
export { type MaskFormat, type MaskPath, maskEndings, maskFormatOf, maskPaths } from "./maskPaths.ts";
export { readLabelNames } from "./readLabelNames.ts";
export { readLayers } from "./readLayers.ts";
export { slicerSegments } from "./slicerSegments.ts";
export { type MaskImage, type MaskOptions, maskProblem, type WrittenMask, writeMask } from "./writeMask.ts";
