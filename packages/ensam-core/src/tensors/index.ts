export {
  type Device,
  type DeviceName,
  type DeviceOptions,
  DeviceUnavailable,
  type GpuFacts,
  type Precision,
} from "./devices/device.ts";
export { openDevice } from "./devices/openDevice.ts";
export { expectMemory } from "./expectMemory.ts";
export { hasKernel } from "./kernels.ts";
export { type AdamwSettings, adamwUpdate } from "./ops/adamwUpdate.ts";
export { attend } from "./ops/attend.ts";
export { channelRmsGelu } from "./ops/channelRmsGelu.ts";
export { type Conv3dOptions, conv3d } from "./ops/conv3d.ts";
export { diceCrossEntropy } from "./ops/diceCrossEntropy.ts";
export { globalNorm } from "./ops/globalNorm.ts";
export { layerNorm } from "./ops/layerNorm.ts";
export { linear } from "./ops/linear.ts";
export type { MatrixExponential } from "./ops/matrixExponential.ts";
export { type MuonSettings, muonUpdate } from "./ops/muonUpdate.ts";
export { type NormReluConv3dOptions, normReluConv3d } from "./ops/normReluConv3d.ts";
export { orthogonalize } from "./ops/orthogonalize.ts";
export { type Answer, readForeground } from "./ops/readForeground.ts";
export { rotations } from "./ops/rotations.ts";
export { scaledSum } from "./ops/scaledSum.ts";
export { scaleRotate } from "./ops/scaleRotate.ts";
export { stepOnSphere } from "./ops/stepOnSphere.ts";
export { unit } from "./ops/unit.ts";
export { upsample2 } from "./ops/upsample2.ts";
export { upsampledNormReluConv3d } from "./ops/upsampledNormReluConv3d.ts";
export { mebibytes, OutOfMemory } from "./outOfMemory.ts";
export { recompute } from "./recompute.ts";
export { type OperatorCheck, selfTest, selfTestTolerance } from "./selfTest.ts";
export { ShapeError } from "./shapes.ts";
export { type SplitGradient, splitGradient } from "./splitGradient.ts";
export { tf } from "./tf.ts";
