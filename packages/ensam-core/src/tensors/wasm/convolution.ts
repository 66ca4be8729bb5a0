import type { TensorInfo } from "../backend/tensorInfo.ts";
import type { WasmBackend } from "./backend.ts";
import { type Norm, normalizeRelu, normOf } from "./channels.ts";
import { usesWinograd } from "./convolutionChoice.ts";
import { multiplyRows, multiplyTransposed } from "./matrices.ts";
import { blockCount, packed } from "./packing.ts";
import { addPartials, partialBytes } from "./partials.ts";
import { register, sizeOf } from "./register.ts";
import { winogradConvolve, withTransformedWeights } from "./winograd.ts";
import { winogradFilterGradient } from "./winogradFilter.ts";

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

/** Multiply-accumulates per microsecond of one thread, roughly: to tell short jobs. */
const macsPerMicrosecond = 15000;

export function registerConvolution(): void {
  register<ForwardAttributes>("EnsamConv3d", forward);
  register<InputGradientAttributes>("EnsamConv3dInputGradient", inputGradient);
  register<FilterGradientAttributes>("EnsamConv3dFilterGradient", filterGradient);
  // Of relu(norm(x)), which Winograd's kernels compute as they read x.
  register<ForwardAttributes>("EnsamNormReluConv3d", forward);
  register<FilterGradientAttributes>("EnsamNormReluConv3dFilterGradient", filterGradient);
}

/** Calls with the address of relu(norm(x)), or of x itself without a norm. */
function withActive(backend: WasmBackend, x: TensorInfo, norm: Norm | undefined, use: (address: number) => void): void {
  if (norm === undefined) {
    use(backend.address(x));
    return;
  }
  const size = sizeOf(x.shape);
  const channels = x.shape.at(-1)!;
  backend.borrow(size * 4, (active) => {
    normalizeRelu(backend, backend.address(x), active, { voxels: size / channels, channels }, norm);
    use(active);
  });
}

function forward(
  backend: WasmBackend,
  inputs: Record<string, TensorInfo>,
  { stride, from = 0 }: ForwardAttributes,
): TensorInfo {
  const { x, weight, bias, addend } = inputs as {
    x: TensorInfo;
    weight: TensorInfo;
    bias?: TensorInfo;
    addend?: TensorInfo;
  };
  const [depth, height, width, channels] = x.shape.slice(1) as [number, number, number, number];
  const [outputs, all, k] = weight.shape as [number, number, number];
  const taps = k ** 3;
  const out = [depth, height, width].map((n) => outputLength(n, k, stride)) as [number, number, number];
  const y = backend.output([1, ...out, outputs]);
  const biasAt = bias && backend.address(bias);
  const addendAt = addend && backend.address(addend);
  const norm = normOf(backend, inputs);
  const shape = { grid: out, channels, outputs };
  if (k === 3 && stride === 1 && usesWinograd(backend.engine.convolution, shape)) {
    const filters = { outputs, outputStride: all * taps, inner: channels, innerStride: taps, isTurned: false };
    const addresses = { x: backend.address(x), y: y.address, bias: biasAt, addend: addendAt, norm };
    const wanted = { name: `points ${from} ${channels}`, from: from * taps, filters };
    withTransformedWeights(backend, weight, wanted, (weights) =>
      winogradConvolve(backend, { ...addresses, weights, ...shape }),
    );
    return y;
  }
  const packing = {
    outputs,
    outputStride: all * taps,
    inner: channels,
    innerStride: taps,
    taps: range(taps),
    pairs: k === 3 && stride === 1,
  };
  const weights = packed(backend, weight, `forward ${stride} ${from} ${channels}`, from * taps, packing);
  withActive(backend, x, norm, (xAt) => {
    const addresses = { y: y.address, bias: biasAt, addend: addendAt };
    if (k === 1) {
      const { y: c, ...rest } = addresses;
      multiplyRows(backend, { a: xAt, b: weights, c, ...rest, rows: depth * height * width, inner: channels, outputs });
    } else {
      const sizes = { input: [depth, height, width] as const, channels, output: out, outputs };
      convolve(backend, { x: xAt, weights, ...addresses, ...sizes, stride, kernel: k });
    }
  });
  return y;
}

interface Convolution {
  x: number;
  weights: number;
  y: number;
  bias?: number | undefined;
  addend?: number | undefined;
  input: readonly [number, number, number];
  channels: number;
  output: readonly [number, number, number];
  outputs: number;
  stride: number;
  kernel: number;
}

function convolve(backend: WasmBackend, c: Convolution): void {
  const blocks = blockCount(c.outputs);
  const planes = 1;
  backend.engine.run({
    kernel: "convolve",
    parameters: [
      ...[c.x, c.weights, c.y, c.bias ?? backend.zeros, c.bias === undefined ? 0 : 1, c.addend ?? 0],
      ...[...c.input, c.channels, ...c.output, c.outputs, c.stride, c.kernel, planes],
    ],
    tasks: blocks * Math.ceil(c.output[0] / planes),
    scratchBytes: 256 + (c.output[2] + 2) * 64 + 9 * (c.input[2] + 3) * c.channels * 4 + 256,
    microseconds:
      (c.output[0] * c.output[1] * c.output[2] * c.kernel ** 3 * c.channels * c.outputs) / macsPerMicrosecond,
  });
}

function inputGradient(
  backend: WasmBackend,
  { dy, weight }: Record<string, TensorInfo>,
  { stride, from = 0, channels, inputShape }: InputGradientAttributes,
): TensorInfo {
  const [outputs, all, k] = weight!.shape as [number, number, number];
  const input = inputShape.slice(1, 4) as [number, number, number];
  const output = dy!.shape.slice(1, 4) as [number, number, number];
  const taps = k ** 3;
  const dx = backend.output(inputShape);
  const shape = { grid: input, channels: outputs, outputs: channels };
  if (k === 3 && stride === 1 && usesWinograd(backend.engine.convolution, shape)) {
    const filters = { outputs: channels, outputStride: taps, inner: outputs, innerStride: all * taps, isTurned: true };
    const addresses = { x: backend.address(dy!), y: dx.address };
    const wanted = { name: `points back ${from} ${channels}`, from: from * taps, filters };
    withTransformedWeights(backend, weight!, wanted, (weights) =>
      winogradConvolve(backend, { ...addresses, weights, ...shape }),
    );
    return dx;
  }
  const packing = {
    outputs: channels,
    outputStride: taps,
    inner: outputs,
    innerStride: all * taps,
    taps: stride === 2 ? tapsByParity(k) : range(taps).reverse(),
    pairs: k === 3 && stride === 1,
  };
  const weights = packed(backend, weight!, `back ${stride} ${from} ${channels}`, from * taps, packing);
  const dyAt = backend.address(dy!);
  if (k === 1) {
    multiplyRows(backend, {
      a: dyAt,
      b: weights,
      c: dx.address,
      rows: input[0] * input[1] * input[2],
      inner: outputs,
      outputs: channels,
    });
  } else if (stride === 1) {
    convolve(backend, {
      x: dyAt,
      weights,
      y: dx.address,
      input: output,
      channels: outputs,
      output: input,
      outputs: channels,
      stride: 1,
      kernel: k,
    });
  } else {
    backend.engine.run({
      kernel: "convolveBack2",
      parameters: [dyAt, weights, dx.address, backend.zeros, ...input, channels, ...output, outputs, k, 1],
      tasks: blockCount(channels) * input[0],
      scratchBytes: 256 + (input[2] + 2) * 64 + 4 * (output[2] + 2) * outputs * 4 + 256,
      microseconds: (output[0] * output[1] * output[2] * taps * outputs * channels) / macsPerMicrosecond,
    });
  }
  return dx;
}

/**
 * Taps of the eight parities of an input voxel in the order z, y, x; along an axis from the far tap to the near one.
 */
function tapsByParity(k: number): number[] {
  const along = (parity: number) => (k === 2 ? [parity] : parity === 0 ? [1] : [2, 0]);
  const taps: number[] = [];
  for (const pz of [0, 1]) {
    for (const py of [0, 1]) {
      for (const px of [0, 1]) {
        for (const z of along(pz)) for (const y of along(py)) for (const x of along(px)) taps.push((z * k + y) * k + x);
      }
    }
  }
  return taps;
}

function filterGradient(
  backend: WasmBackend,
  inputs: Record<string, TensorInfo>,
  { stride, from = 0, weightShape }: FilterGradientAttributes,
): TensorInfo {
  const { x, dy } = inputs;
  const norm = normOf(backend, inputs);
  const [outputs, all, k] = weightShape as [number, number, number];
  const [depth, height, width, channels] = x!.shape.slice(1) as [number, number, number, number];
  const output = dy!.shape.slice(1, 4) as [number, number, number];
  const taps = k ** 3;
  const dw = backend.output(weightShape);
  if (channels < all) new Float32Array(backend.engine.memory.buffer, dw.address, outputs * all * taps).fill(0);
  const target = { target: dw.address + from * taps * 4, outputStride: all * taps, innerStride: taps };
  const dyAt = backend.address(dy!);
  const shape = { grid: [depth, height, width] as const, channels, outputs };
  if (k === 3 && stride === 1 && usesWinograd(backend.engine.convolution, shape)) {
    winogradFilterGradient(backend, { x: backend.address(x!), dy: dyAt, norm, ...shape, ...target });
    return dw;
  }
  withActive(backend, x!, norm, (xAt) => {
    if (k === 1) {
      multiplyTransposed(backend, {
        ...{ x: xAt, dy: dyAt, rows: depth * height * width, inner: channels, outputs },
        ...target,
      });
      return;
    }
    const blocks = blockCount(outputs);
    const squares = k * k;
    const group = Math.max(1, Math.min(output[1], Math.floor(64 / output[2])));
    // Enough tasks for many threads, unless that makes slabs of a plane or less.
    const slabs = Math.max(1, Math.min(output[0], Math.ceil(64 / (blocks * squares))));
    backend.borrow(partialBytes(outputs, k * channels, squares, slabs), (partials) => {
      backend.engine.run({
        kernel: "filterGradient",
        parameters: [xAt, dyAt, partials, depth, height, width, channels, ...output, outputs, stride, k, slabs, group],
        tasks: blocks * squares * slabs,
        scratchBytes: group * (width + 2) * channels * 4 + 96 + group * output[2] * 64 + 256,
        microseconds: (output[0] * output[1] * output[2] * taps * outputs * channels) / macsPerMicrosecond,
      });
      addPartials(backend, { partials, outputs, inner: channels, kernel: k, slabs, ...target });
    });
  });
  return dw;
}

function outputLength(n: number, k: number, stride: number): number {
  return Math.floor((n + (k === 3 ? 2 : 0) - k) / stride) + 1;
}

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
