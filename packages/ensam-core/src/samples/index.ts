export { type Place, placeAfter, type Turn, turnsFrom } from "./order.ts";
export {
  type CaseArrays,
  poolSample,
  type Sample,
  type SampleNeeds,
  type SampleOptions,
  sample,
  validationSample,
} from "./sample.ts";
