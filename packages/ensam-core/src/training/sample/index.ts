// The part of the training room that needs no tensors: worker threads load only this.
export { epochOrder, type Place, placeAfter, type Turn, turnsFrom } from "./order.ts";
export { type CaseArrays, poolSample, type Sample, type SampleOptions, sample, validationSample } from "./sample.ts";
