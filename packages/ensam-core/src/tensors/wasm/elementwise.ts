import type { TensorInfo } from "../backend/tensorInfo.ts";
import type { WasmBackend } from "./backend.ts";
import { channelSum, floatsPerMicrosecond } from "./channels.ts";
import { transpose } from "./matrices.ts";
import { type Kernel, register, sizeOf, stockKernel } from "./register.ts";

const binaries = { Add: 0, Sub: 1, Multiply: 2, RealDiv: 3, Maximum: 4, Minimum: 5 };
const unaries = { Relu: 0, Sqrt: 1, Square: 2, Abs: 3, Neg: 4, Sigmoid: 5, Rsqrt: 6, Exp: 7 };

/** Tensors smaller than this stay where they are: the stock kernel is as fast. */
const smallSize = 64;
const floatsPerTask = 65536;

export function registerElementwise(): void {
  for (const [name, operation] of Object.entries(binaries)) registerBinary(name, operation);
  for (const [name, operation] of Object.entries(unaries)) registerUnary(name, operation);
  registerStep();
  registerAddN();
  registerAddPairs();
  registerSum();
  registerFill();
  registerTranspose();
}

function isFloat(...tensors: TensorInfo[]): boolean {
  return tensors.every((tensor) => tensor.dtype === "float32");
}

function registerBinary(name: string, operation: number): void {
  const stock = stockKernel(name);
  const kernel: Kernel<object> = (backend, inputs, attributes) => {
    const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
    const [sizeA, sizeB] = [sizeOf(a.shape), sizeOf(b.shape)];
    const n = Math.max(sizeA, sizeB);
    if (!isFloat(a, b) || n < smallSize) return stock(backend, inputs, attributes);
    if (sizeA === sizeB && sameShape(a.shape, b.shape)) {
      const y = backend.output(a.shape);
      elementwise(backend, "binary", [backend.address(a), backend.address(b), y.address], n, [operation]);
      return y;
    }
    const swapped = sizeA < sizeB;
    const [full, part] = swapped ? [b, a] : [a, b];
    const period = repeats(full.shape, part.shape);
    if (period === undefined) return stock(backend, inputs, attributes);
    const y = backend.output(full.shape);
    const addresses = [backend.address(a), backend.address(b), y.address];
    elementwise(backend, "binaryRepeated", addresses, n, [operation, period, swapped ? 1 : 0], period);
    return y;
  };
  register<object>(name, kernel);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/** The size of `part` if repeating it gives `full` (a scalar, or the last axes), else undefined. */
function repeats(full: readonly number[], part: readonly number[]): number | undefined {
  if (part.length > full.length) return undefined;
  const significant = part.slice(part.findIndex((n) => n !== 1));
  if (sizeOf(part) === 1) return 1;
  return sameShape(full.slice(-significant.length), significant) ? sizeOf(part) : undefined;
}

function elementwise(
  backend: WasmBackend,
  kernel: string,
  addresses: number[],
  n: number,
  more: number[],
  period = 1,
): void {
  const perTask = Math.max(1, Math.floor(floatsPerTask / period)) * period;
  backend.engine.run({
    kernel,
    parameters: [...addresses, n, perTask, ...more],
    tasks: Math.ceil(n / perTask),
    microseconds: n / floatsPerMicrosecond,
  });
}

function registerUnary(name: string, operation: number): void {
  const stock = stockKernel(name);
  register<object>(name, (backend, inputs, attributes) => {
    const { x } = inputs as { x: TensorInfo };
    const n = sizeOf(x.shape);
    if (!isFloat(x) || n < smallSize) return stock(backend, inputs, attributes);
    const y = backend.output(x.shape);
    elementwise(backend, "unary", [backend.address(x), 0, y.address], n, [operation]);
    return y;
  });
}

function registerStep(): void {
  const stock = stockKernel("Step");
  register<{ alpha: number }>("Step", (backend, inputs, attributes) => {
    const { x } = inputs as { x: TensorInfo };
    const n = sizeOf(x.shape);
    if (!isFloat(x) || n < smallSize) return stock(backend, inputs, attributes);
    const xAt = backend.address(x);
    const y = backend.output(x.shape);
    backend.engine.run({
      kernel: "unary",
      parameters: [xAt, 0, y.address, n, floatsPerTask, 8, { float: attributes.alpha }],
      tasks: Math.ceil(n / floatsPerTask),
      microseconds: n / floatsPerMicrosecond,
    });
    return y;
  });
}

function registerAddN(): void {
  const stock = stockKernel("AddN");
  register<object>("AddN", (backend, inputs, attributes) => {
    const tensors = Object.values(inputs);
    const n = sizeOf(tensors[0]!.shape);
    if (!isFloat(...tensors) || tensors.length < 2 || n < smallSize) return stock(backend, inputs, attributes);
    const addresses = tensors.map((tensor) => backend.address(tensor));
    const y = backend.output(tensors[0]!.shape);
    let sum = addresses[0]!;
    for (const address of addresses.slice(1)) {
      elementwise(backend, "binary", [sum, address, y.address], n, [0]);
      sum = y.address;
    }
    return y;
  });
}

function registerAddPairs(): void {
  const stock = stockKernel("Add");
  register("EnsamAddPairs", (backend, inputs) => {
    const tensors = Object.values(inputs);
    const sums: TensorInfo[] = [];
    for (let i = 0; i < tensors.length; i += 2) {
      const [a, b] = tensors.slice(i, i + 2) as [TensorInfo, TensorInfo];
      const n = sizeOf(a.shape);
      if (n < smallSize) sums.push(stock(backend, { a, b }, {}) as TensorInfo);
      else {
        const sum = backend.output(a.shape);
        elementwise(backend, "binary", [backend.address(a), backend.address(b), sum.address], n, [binaries.Add]);
        sums.push(sum);
      }
    }
    return sums;
  });
}

/** Sums over everything, or over all axes but the last ones: the others stay with the stock kernel. */
function registerSum(): void {
  const stock = stockKernel("Sum");
  register<{ axis: number | number[]; keepDims: boolean }>("Sum", (backend, inputs, attributes) => {
    const { x } = inputs as { x: TensorInfo };
    const rank = x.shape.length;
    const asked =
      attributes.axis === undefined || attributes.axis === null ? x.shape.map((_, i) => i) : [attributes.axis].flat();
    const axes = asked.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
    const isLeading = axes.length > 0 && axes.every((axis, i) => axis === i);
    if (!isFloat(x) || sizeOf(x.shape) < smallSize || !isLeading) return stock(backend, inputs, attributes);
    const kept = x.shape.slice(axes.length);
    const channels = sizeOf(kept);
    const shape = attributes.keepDims ? [...axes.map(() => 1), ...kept] : kept;
    const xAt = backend.address(x);
    const y = backend.output(shape);
    channelSum(backend, xAt, y.address, sizeOf(x.shape) / channels, channels);
    return y;
  });
}

function registerFill(): void {
  const stock = stockKernel("Fill");
  register<{ shape: number[]; value: number | string; dtype?: string }>("Fill", (backend, inputs, attributes) => {
    const { shape, value, dtype } = attributes;
    const isFloatFill =
      typeof value === "number" && (dtype === undefined || dtype === "float32") && sizeOf(shape) >= smallSize;
    return isFloatFill ? filled(backend, shape, value) : stock(backend, inputs, attributes);
  });
  for (const [name, value] of [
    ["ZerosLike", 0],
    ["OnesLike", 1],
  ] as const) {
    const like = stockKernel(name);
    register<object>(name, (backend, inputs, attributes) => {
      const { x } = inputs as { x: TensorInfo };
      return isFloat(x) && sizeOf(x.shape) >= smallSize
        ? filled(backend, x.shape, value)
        : like(backend, inputs, attributes);
    });
  }
}

function filled(backend: WasmBackend, shape: readonly number[], value: number): TensorInfo {
  const y = backend.output(shape);
  const n = sizeOf(shape);
  backend.engine.run({
    kernel: "fill",
    parameters: [{ float: value }, 0, y.address, n, floatsPerTask],
    tasks: Math.ceil(n / floatsPerTask),
    microseconds: n / floatsPerMicrosecond,
  });
  return y;
}

function registerTranspose(): void {
  const stock = stockKernel("Transpose");
  register<{ perm: number[] }>("Transpose", (backend, inputs, attributes) => {
    const { x } = inputs as { x: TensorInfo };
    const isMatrix = x.shape.length === 2 && attributes.perm[0] === 1;
    if (!isFloat(x) || !isMatrix || sizeOf(x.shape) < smallSize) return stock(backend, inputs, attributes);
    const [rows, columns] = x.shape as [number, number];
    const xAt = backend.address(x);
    const y = backend.output([columns, rows]);
    transpose(backend, xAt, y.address, rows, columns);
    return y;
  });
}
