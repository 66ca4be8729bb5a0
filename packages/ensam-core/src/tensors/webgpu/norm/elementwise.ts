import { tf } from "../../tf.ts";
import { backendName, type GpuBackend, type TensorInfo } from "../runtime/backend.ts";
import type { Program } from "../runtime/program.ts";
import { range } from "../runtime/range.ts";
import { type Kernel, register, sizeOf } from "../runtime/register.ts";
import { elementwiseParameters, runElementwise } from "../runtime/runByParts.ts";
import { columnSums, plainSum } from "./columnSums.ts";

/** Sums smaller than this are left to the stock kernel, which does them where the values are. */
const smallSize = 1024;
/** Summands of one dispatch: with the result, the 8 buffers that every adapter lets a kernel have. */
const mostSummands = 7;

/**
 * Stock kernels that would fail or be slow: sums of more tensors than a kernel may read and of more values than one
 * core should, and what a training step or a prediction does with tensors too large for one buffer.
 */
export function registerElementwise(): void {
  registerSum();
  register("AddN", (backend, inputs) => addAll(backend, Object.values(inputs)));
  registerForParts("Add", (backend, { a, b }) => (isSame(a!, b!) ? addAll(backend, [a!, b!]) : undefined));
  registerForParts("Sub", (backend, { a, b }) => (sizeOf(b!.shape) === 1 ? subtract(backend, a!, b!) : undefined));
  registerForParts("ZerosLike", (backend, { x }) => zeros(backend, x!.shape));
}

/** A kernel for tensors in several parts; with others, and where it returns none, the stock kernel runs as before. */
function registerForParts(
  kernelName: string,
  kernel: (backend: GpuBackend, inputs: Record<string, TensorInfo>) => TensorInfo | undefined,
): void {
  const stock = stockKernel(kernelName);
  register(kernelName, (backend, inputs, attributes) => {
    const areInParts = Object.values(inputs).some(backend.isInParts);
    return (areInParts ? kernel(backend, inputs) : undefined) ?? stock(backend, inputs, attributes);
  });
}

/** The stock kernel of this name as one of ours. */
function stockKernel<Attributes>(kernelName: string): Kernel<Attributes> {
  const { kernelFunc } = tf.getKernel(kernelName, backendName);
  return (backend, inputs, attributes) =>
    kernelFunc({
      inputs: inputs as unknown as tf.NamedTensorInfoMap,
      backend,
      attrs: attributes as unknown as tf.NamedAttrMap,
    }) as TensorInfo;
}

function isSame(a: TensorInfo, b: TensorInfo): boolean {
  return tf.util.arraysEqual(a.shape, b.shape);
}

function addAll(backend: GpuBackend, tensors: TensorInfo[]): TensorInfo {
  let rest = tensors;
  let made: TensorInfo | undefined;
  do {
    const now = rest.slice(0, mostSummands);
    const sum = backend.output(now[0]!.shape);
    const maps = { ...Object.fromEntries(now.map((tensor, i) => [`x${i}`, tensor])), y: sum };
    runElementwise(backend, addProgram(now.length), maps, {}, {}, sizeOf(sum.shape));
    if (made !== undefined) backend.disposeData(made.dataId);
    made = sum;
    rest = [sum, ...rest.slice(mostSummands)];
  } while (rest.length > 1);
  return made;
}

const addProgram = (summands: number): Program => ({
  key: `add ${summands}`,
  reads: Object.fromEntries(range(summands).map((i) => [`x${i}`, "f32"])),
  writes: { y: "f32" },
  parameters: elementwiseParameters,
  threads: 64,
  body: `if (index < p.count) { y[index] = ${range(summands)
    .map((i) => `x${i}[index]`)
    .join(" + ")}; }`,
});

function subtract(backend: GpuBackend, a: TensorInfo, b: TensorInfo): TensorInfo {
  const y = backend.output(a.shape);
  runElementwise(backend, subtractProgram, { a, y }, { b }, {}, sizeOf(a.shape));
  return y;
}

const subtractProgram: Program = {
  key: "subtract",
  reads: { a: "f32", b: "f32" },
  writes: { y: "f32" },
  parameters: elementwiseParameters,
  threads: 64,
  body: "if (index < p.count) { y[index] = a[index] - b[0]; }",
};

function zeros(backend: GpuBackend, shape: number[]): TensorInfo {
  const y = backend.output(shape);
  runElementwise(backend, zerosProgram, { y }, {}, {}, sizeOf(shape));
  return y;
}

const zerosProgram: Program = {
  key: "zeros",
  reads: {},
  writes: { y: "f32" },
  parameters: elementwiseParameters,
  threads: 64,
  body: "if (index < p.count) { y[index] = 0; }",
};

/** Sums over everything, or over all axes but the last ones: the others stay with the stock kernel. */
function registerSum(): void {
  const stock = stockKernel<{ axis: number | number[]; keepDims: boolean }>("Sum");
  register<{ axis: number | number[]; keepDims: boolean }>("Sum", (backend, inputs, attributes) => {
    const x = inputs.x!;
    const rank = x.shape.length;
    const asked = attributes.axis == null ? x.shape.map((_, i) => i) : [attributes.axis].flat();
    const axes = asked.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
    const isLeading = axes.length > 0 && axes.every((axis, i) => axis === i);
    if (x.dtype !== "float32" || sizeOf(x.shape) < smallSize || !isLeading) {
      return stock(backend, inputs, attributes);
    }
    const kept = x.shape.slice(axes.length);
    const columns = sizeOf(kept);
    const y = backend.output(attributes.keepDims ? [...axes.map(() => 1), ...kept] : kept);
    columnSums(backend, plainSum, { x }, sizeOf(x.shape) / columns, columns, y);
    return y;
  });
}
