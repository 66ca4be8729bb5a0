import type { Zyx } from "../../../geometry/index.ts";
import type { GpuBackend, Scratch, TensorInfo } from "../runtime/backend.ts";
import { register } from "../runtime/register.ts";
import { withF16Scale } from "./f16Scale.ts";
import { filterGradient } from "./filterGradient.ts";
import { gatherConvolution } from "./gatherConvolution.ts";
import { type Packing, packedWeights } from "./packWeights.ts";

interface ForwardAttributes {
  stride: number;
  from: number;
}
interface InputGradientAttributes extends ForwardAttributes {
  channels: number;
  inputShape: number[];
}
interface FilterGradientAttributes extends ForwardAttributes {
  weightShape: number[];
}

const origin: Zyx = [0, 0, 0];

export function registerConvolution(): void {
  register<ForwardAttributes>("EnsamConv3d", forward);
  register<InputGradientAttributes>("EnsamConv3dInputGradient", inputGradient);
  register<FilterGradientAttributes>("EnsamConv3dFilterGradient", (backend, { x, dy }, { stride, from, weightShape }) =>
    filterGradient(backend, { x: x!, dy: dy!, stride, from: from ?? 0, weightShape }),
  );
}

function forward(
  backend: GpuBackend,
  inputs: Record<string, TensorInfo>,
  { stride, from = 0 }: ForwardAttributes,
): TensorInfo {
  const { x, weight, bias, addend } = inputs as Record<"x" | "weight", TensorInfo> &
    Partial<Record<"bias" | "addend", TensorInfo>>;
  const inputShape = gridOf(x.shape);
  const channels = x.shape[4]!;
  const [outputs, all, k] = weight.shape as [number, number, number];
  const padding = k === 3 ? 1 : 0;
  const rows = inputShape.map((n) => Math.floor((n + 2 * padding - k) / stride) + 1) as unknown as Zyx;
  const y = backend.output([1, ...rows, outputs]);
  const packing: Packing = {
    weight,
    outputStride: all * k ** 3,
    outputs,
    channelStride: k ** 3,
    channels,
    from: from * k ** 3,
    kernel: k,
    taps: [0, 1, 2].map(() => [0, 1, k] as const),
  };
  const weights = packedWeights(backend, packing);
  gatherConvolution(backend, {
    ...{ x, inputShape, channels, rows, stride, weights, outputs, y, bias, addend },
    first: [-padding, -padding, -padding],
    taps: [k, k, k],
    outputShape: rows,
    spacing: 1,
    offset: origin,
  });
  return y;
}

/**
 * At stride 1, the convolution of dy with the mirrored kernel. At stride 2 an input voxel meets only some taps, by
 * whether its coordinates are even or odd: eight convolutions, each for one eighth of the voxels.
 */
function inputGradient(
  backend: GpuBackend,
  { dy, weight }: Record<string, TensorInfo>,
  { stride, from = 0, channels, inputShape }: InputGradientAttributes,
): TensorInfo {
  const [outputs, all, k] = weight!.shape as [number, number, number];
  const input = gridOf(inputShape);
  const dx = backend.output(inputShape);
  const parities = stride === 1 ? [0] : [0, 1];
  const run = (scale?: Scratch) => {
    for (const z of parities) {
      for (const y of parities) {
        for (const x of parities) {
          const offset: Zyx = [z, y, x];
          const lines = offset.map((parity) => tapsAlong(k, stride, parity));
          const packing: Packing = {
            weight: weight!,
            outputStride: k ** 3,
            outputs: channels,
            channelStride: all * k ** 3,
            channels: outputs,
            from: from * k ** 3,
            kernel: k,
            taps: lines.map(({ taps }) => taps),
          };
          gatherConvolution(backend, {
            x: dy!,
            inputShape: gridOf(dy!.shape),
            channels: outputs,
            rows: input.map((n, axis) => Math.ceil((n - offset[axis]!) / stride)) as unknown as Zyx,
            stride: 1,
            first: lines.map(({ first }) => first) as unknown as Zyx,
            taps: lines.map(({ taps }) => taps[2]) as unknown as Zyx,
            weights: packedWeights(backend, packing),
            outputs: channels,
            y: dx,
            outputShape: input,
            spacing: stride,
            offset,
            scale,
          });
        }
      }
    }
  };
  if (backend.convolutions.arithmetic.precision === "f32") run();
  else withF16Scale(backend, dy!, run);
  return dx;
}

/**
 * Along one axis: the taps that reach an input voxel of this parity, and the first output voxel relative to its row.
 */
function tapsAlong(k: number, stride: number, parity: number): { taps: Packing["taps"][0]; first: number } {
  if (k === 1) return { taps: [0, 1, 1], first: 0 };
  if (stride === 1) return { taps: [2, -1, 3], first: -1 };
  if (k === 2) return { taps: [parity, 1, 1], first: 0 };
  // Input 2r + parity lies under tap t of output q if 2r + parity = 2q - 1 + t.
  return parity === 0 ? { taps: [1, 1, 1], first: 0 } : { taps: [2, -2, 2], first: 0 };
}

/** [1, D, H, W, C] -> [D, H, W] */
function gridOf(shape: readonly number[]): Zyx {
  return [shape[1]!, shape[2]!, shape[3]!];
}
