// Every export but `heapBase` is a kernel (parameters, task, scratch): one task of a job, see
// workers/kernel-worker.mjs.
export { addDoubles, channelSums } from "./channels";
export { convolve, convolveBack2, multiplyRows } from "./convolution";
export { binary, binaryRepeated, copy, fill, mirror, transpose, unary } from "./elementwise";
export { addPartials, filterGradient, multiplyTransposed } from "./filterGradient";
export { rmsGelu, rmsGeluBack } from "./gelu";
export { channelMoments, finishMoments, normalizeRelu, normalizeReluBack, normalizeReluSums } from "./instanceNorm";
export { finishLoss, lossBack, lossSums } from "./loss";
export { adamw, scaledSum, sumSquares } from "./optimizer";
export { packWeights } from "./packing";
export { rotate, rotateGradient } from "./rotations";
export {
  attention, attentionKeys, attentionQueries, scaleRotate, scaleRotateGradient, stepOnSphere, stepOnSphereGradient, unit, unitGradient,
} from "./tokens";
export { upsample, upsampleBack } from "./upsample";
export { winograd } from "./winograd";
export {
  winogradFilter, winogradFilterBack, winogradFilterPoints, winogradFilterProducts,
} from "./winogradFilter";
export { transformWeights } from "./winogradWeights";
export function heapBase(): usize {
  return __heap_base;
}
