export { blur } from "./blur.ts";
export { type LabelSource, labelSource } from "./labelSource.ts";
export { type OrganicOptions, organic } from "./organic.ts";
export { drawShapes, type ShapeKind, shapeKinds } from "./shapes/drawShapes.ts";
export { roughField, type SmoothField, smoothField } from "./smoothField.ts";
export type { Solid } from "./solid.ts";
export type { StyleName } from "./style.ts";
export { type SynthesisOptions, type SyntheticImage, synthesizeImage } from "./synthesize.ts";
