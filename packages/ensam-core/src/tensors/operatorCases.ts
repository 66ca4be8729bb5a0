import { attend, attendComposed } from "./ops/attend.ts";
import { channelRmsGelu, channelRmsGeluComposed } from "./ops/channelRmsGelu.ts";
import { conv3d, conv3dComposed } from "./ops/conv3d.ts";
import { diceCrossEntropy, diceCrossEntropyComposed } from "./ops/diceCrossEntropy.ts";
import { instanceNormRelu, instanceNormReluComposed } from "./ops/instanceNormRelu.ts";
import { linear, linearComposed } from "./ops/linear.ts";
import { normReluConv3d, normReluConv3dComposed } from "./ops/normReluConv3d.ts";
import { rotations, rotationsComposed } from "./ops/rotations.ts";
import { scaleRotate, scaleRotateComposed } from "./ops/scaleRotate.ts";
import { stepOnSphere, stepOnSphereComposed } from "./ops/stepOnSphere.ts";
import { unit, unitComposed } from "./ops/unit.ts";
import { upsample2, upsample2Composed } from "./ops/upsample2.ts";
import { upsampledNormReluConv3d, upsampledNormReluConv3dComposed } from "./ops/upsampledNormReluConv3d.ts";
import { tf } from "./tf.ts";

type Operator = (...inputs: tf.Tensor[]) => tf.Tensor;

/** An operator with inputs to try it on. */
export interface OperatorCase {
  readonly name: string;
  /** The operator as the model calls it: the device's kernel where there is one. */
  readonly operator: Operator;
  /** The same of stock operators. */
  readonly composed: Operator;
  /** What it is differentiated for. */
  readonly inputs: () => tf.Tensor[];
  /** Whether it can be differentiated. @default true */
  readonly hasGradients?: boolean;
}

/** Gaussian values, the same for the same seed. Seed 0 would be none. */
export function gaussian(shape: number[], seed: number, deviation = 1): tf.Tensor {
  return tf.randomNormal(shape, 0, deviation, "float32", seed);
}

/** A convolution with bias and addend. */
export function convolution(
  name: string,
  grid: [number, number, number],
  [inputs, outputs, kernel]: [number, number, number],
  stride: 1 | 2,
  from?: number,
): OperatorCase {
  const channels = from === undefined ? inputs : inputs - from - 1; // One channel is left over after the used ones.
  const padding = kernel === 3 ? 2 : 0;
  const grown = grid.map((n) => Math.floor((n + padding - kernel) / stride) + 1);
  const run =
    (conv: typeof conv3d): Operator =>
    (x, weight, bias, addend) =>
      conv(x!, weight!, { stride, from, bias, addend });
  return {
    name: `conv3d ${name}`,
    operator: run(conv3d),
    composed: run(conv3dComposed),
    inputs: () => [
      gaussian([1, ...grid, channels], 1),
      gaussian([outputs, inputs, kernel, kernel, kernel], 2, 0.3),
      gaussian([outputs], 3),
      gaussian([1, ...grown, outputs], 4),
    ],
  };
}

const lossTarget = () => tf.tensor([1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 1, 1], [1, 1, 3, 4, 1]);
const points = () => tf.tensor2d([[0, 0, 0], [0.2, 0.7, 0.4], [1, 0.1, 0.9]]); // biome-ignore format: three positions

/** Every operator of the model on small inputs, with odd sizes and single voxels among them. */
export const operatorCases: readonly OperatorCase[] = [
  convolution("of 3 on an odd grid", [3, 4, 5], [3, 5, 3], 1),
  convolution("of 3 on one voxel", [1, 1, 1], [2, 3, 3], 1),
  convolution("of 3 from one channel to four", [4, 3, 2], [1, 4, 3], 1),
  convolution("of 3 at stride 2", [4, 6, 8], [4, 6, 3], 2),
  convolution("of 3 at stride 2 on an odd grid", [3, 5, 1], [2, 3, 3], 2),
  convolution("of 2 at stride 2", [4, 2, 6], [2, 3, 2], 2),
  convolution("of 1", [2, 3, 4], [5, 1, 1], 1),
  convolution("of 3, a part of the channels", [3, 3, 4], [7, 4, 3], 1, 2),
  convolution("of 1, a part of the channels", [3, 3, 4], [6, 4, 1], 1, 3),
  {
    name: "instanceNormRelu",
    operator: (x, gain, shift) => instanceNormRelu(x!, gain!, shift!),
    composed: (x, gain, shift) => instanceNormReluComposed(x!, gain!, shift!),
    inputs: () => [tf.add(gaussian([1, 3, 2, 5, 6], 1), 2), gaussian([6], 2), gaussian([6], 3)],
  },
  {
    name: "normReluConv3d",
    operator: (x, gain, shift, weight, addend) => normReluConv3d(x!, gain!, shift!, weight!, { from: 1, addend }),
    composed: (x, gain, shift, weight, addend) =>
      normReluConv3dComposed(x!, gain!, shift!, weight!, { from: 1, addend }),
    inputs: () => [
      tf.add(gaussian([1, 3, 2, 5, 4], 1), 2),
      gaussian([4], 2),
      gaussian([4], 3),
      gaussian([3, 6, 3, 3, 3], 4),
      gaussian([1, 3, 2, 5, 3], 5),
    ],
  },
  {
    name: "upsampledNormReluConv3d",
    operator: (x, gain, shift, weight, addend) =>
      upsampledNormReluConv3d(x!, gain!, shift!, weight!, { from: 1, addend }),
    composed: (x, gain, shift, weight, addend) =>
      upsampledNormReluConv3dComposed(x!, gain!, shift!, weight!, { from: 1, addend }),
    inputs: () => [
      tf.add(gaussian([1, 2, 1, 3, 4], 1), 2),
      gaussian([4], 2),
      gaussian([4], 3),
      gaussian([3, 6, 3, 3, 3], 4),
      gaussian([1, 4, 2, 6, 3], 5),
    ],
  },
  {
    name: "upsample2",
    operator: (x) => upsample2(x!),
    composed: (x) => upsample2Composed(x!),
    inputs: () => [gaussian([1, 3, 1, 4, 5], 1)],
  },
  {
    name: "channelRmsGelu",
    operator: (x) => channelRmsGelu(x!),
    composed: (x) => channelRmsGeluComposed(x!),
    inputs: () => [gaussian([1, 2, 3, 3, 4], 1)],
  },
  {
    name: "diceCrossEntropy",
    operator: (logits) => tf.tidy(() => tf.slice(diceCrossEntropy(logits!, lossTarget()), [0], [1])),
    composed: (logits) => tf.tidy(() => tf.slice(diceCrossEntropyComposed(logits!, lossTarget()), [0], [1])),
    inputs: () => [gaussian([1, 1, 3, 4, 1], 1, 2)],
  },
  {
    name: "linear",
    operator: (x, weight, bias) => linear(x!, weight!, bias!),
    composed: (x, weight, bias) => linearComposed(x!, weight!, bias!),
    inputs: () => [gaussian([5, 6], 1), gaussian([7, 6], 2), gaussian([7], 3)],
  },
  {
    name: "unit",
    operator: (x) => unit(x!),
    composed: (x) => unitComposed(x!),
    inputs: () => [gaussian([5, 6], 1)],
  },
  {
    name: "stepOnSphere",
    operator: (state, proposal, rate) => stepOnSphere(state!, proposal!, rate!),
    composed: (state, proposal, rate) => stepOnSphereComposed(state!, proposal!, rate!),
    inputs: () => [unitComposed(gaussian([5, 6], 1)), gaussian([5, 6], 2), gaussian([6], 3, 0.3)],
  },
  {
    name: "scaleRotate",
    operator: (x, scale, turns) => scaleRotate(x!, scale!, turns!, 2),
    composed: (x, scale, turns) => scaleRotateComposed(x!, scale!, turns!, 2),
    inputs: () => [gaussian([5, 8], 1), gaussian([8], 2), gaussian([5, 4, 4], 3)],
  },
  {
    name: "attend",
    operator: (q, k, v) => attend(q!, k!, v!, 2),
    composed: (q, k, v) => attendComposed(q!, k!, v!, 2),
    inputs: () => [gaussian([5, 8], 1), gaussian([3, 8], 2), gaussian([3, 8], 3)],
  },
  {
    name: "attend to one",
    operator: (q, k, v) => attend(q!, k!, v!, 1),
    composed: (q, k, v) => attendComposed(q!, k!, v!, 1),
    inputs: () => [gaussian([1, 4], 1), gaussian([1, 4], 2), gaussian([1, 4], 3)],
  },
  {
    name: "rotations",
    operator: (generators) => tf.tidy(() => rotations(points(), generators!)),
    composed: (generators) => tf.tidy(() => rotationsComposed(points(), generators!)),
    inputs: () => [gaussian([3, 6, 6], 1)],
  },
];
