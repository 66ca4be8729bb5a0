import { tf } from "../tf.ts";
import { backendName, type GpuBackend, type TensorInfo } from "./backend.ts";
import { columnSums, plainSum } from "./columnSums.ts";
import { range } from "./gatherConvolution.ts";
import type { Program } from "./program.ts";
import { register, sizeOf } from "./register.ts";

/** Sums smaller than this are left to the stock kernel, which does them where the values are. */
const smallSize = 1024;
/** Summands of one dispatch: with the result, the 8 buffers that every adapter lets a kernel have. */
const mostSummands = 7;

/** Stock kernels that would fail or be slow: sums of more tensors than a kernel may read, and of more values than one core should. */
export function registerElementwise(): void {
  registerSum();
  register("AddN", (backend, inputs) => addAll(backend, Object.values(inputs)));
}

function addAll(backend: GpuBackend, tensors: TensorInfo[]): TensorInfo {
  let rest = tensors;
  let made: TensorInfo | undefined;
  do {
    const now = rest.slice(0, mostSummands);
    const sum = backend.output(now[0]!.shape);
    const count = sizeOf(sum.shape);
    const buffers = { ...Object.fromEntries(now.map((tensor, i) => [`x${i}`, tensor])), y: sum };
    backend.run(addProgram(now.length), buffers, { count }, Math.ceil(count / 64));
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
  parameters: { count: "u32" },
  threads: 64,
  body: `if (index < p.count) { y[index] = ${range(summands)
    .map((i) => `x${i}[index]`)
    .join(" + ")}; }`,
});

/** Sums over everything, or over all axes but the last ones: the others stay with the stock kernel. */
function registerSum(): void {
  const { kernelFunc } = tf.getKernel("Sum", backendName);
  register<{ axis: number | number[]; keepDims: boolean }>("Sum", (backend, inputs, attributes) => {
    const x = inputs.x!;
    const rank = x.shape.length;
    const given = attributes.axis == null ? x.shape.map((_, i) => i) : [attributes.axis].flat();
    const axes = given.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
    const isLeading = axes.length > 0 && axes.every((axis, i) => axis === i);
    if (x.dtype !== "float32" || sizeOf(x.shape) < smallSize || !isLeading) {
      return kernelFunc({
        inputs: inputs as unknown as tf.NamedTensorInfoMap,
        backend,
        attrs: attributes as unknown as tf.NamedAttrMap,
      }) as TensorInfo;
    }
    const kept = x.shape.slice(axes.length);
    const columns = sizeOf(kept);
    const y = backend.output(attributes.keepDims ? [...axes.map(() => 1), ...kept] : kept);
    columnSums(backend, plainSum, { x }, sizeOf(x.shape) / columns, columns, y);
    return y;
  });
}
