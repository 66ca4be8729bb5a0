export { unitEpsilon } from "./constants.ts";
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
export { type AdamwSettings, adamwUpdate, adamwUpdateComposed } from "./ops/adamwUpdate.ts";
export { attend, attendComposed } from "./ops/attend.ts";
export { channelRmsGelu, channelRmsGeluComposed } from "./ops/channelRmsGelu.ts";
export { type Conv3dOptions, conv3d, conv3dComposed } from "./ops/conv3d.ts";
export { diceCrossEntropy, diceCrossEntropyComposed } from "./ops/diceCrossEntropy.ts";
export { globalNorm, globalNormComposed } from "./ops/globalNorm.ts";
export { instanceNormRelu, instanceNormReluComposed } from "./ops/instanceNormRelu.ts";
export { layerNorm } from "./ops/layerNorm.ts";
export { linear, linearComposed } from "./ops/linear.ts";
export { type MatrixExponential, matrixExponential } from "./ops/matrixExponential.ts";
export { type MuonSettings, muonUpdate, muonUpdateComposed } from "./ops/muonUpdate.ts";
export { type NormReluConv3dOptions, normReluConv3d, normReluConv3dComposed } from "./ops/normReluConv3d.ts";
export { orthogonalize } from "./ops/orthogonalize.ts";
export { type Answer, readForeground } from "./ops/readForeground.ts";
export { rotations, rotationsComposed } from "./ops/rotations.ts";
export { scaledSum, scaledSumComposed } from "./ops/scaledSum.ts";
export { scaleRotate, scaleRotateComposed } from "./ops/scaleRotate.ts";
export { stepOnSphere, stepOnSphereComposed } from "./ops/stepOnSphere.ts";
export { unit, unitComposed } from "./ops/unit.ts";
export { upsample2, upsample2Composed } from "./ops/upsample2.ts";
export { upsampledNormReluConv3d, upsampledNormReluConv3dComposed } from "./ops/upsampledNormReluConv3d.ts";
export { mebibytes, OutOfMemory } from "./outOfMemory.ts";
export { recompute } from "./recompute.ts";
export { type OperatorCheck, selfTest, selfTestTolerance } from "./selfTest.ts";
export { ShapeError } from "./shapes.ts";
export { type SplitGradient, splitGradient } from "./splitGradient.ts";
export { tf } from "./tf.ts";
