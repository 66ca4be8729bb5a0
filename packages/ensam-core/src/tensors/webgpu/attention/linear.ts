import { columnSums, plainSum } from "../norm/columnSums.ts";
import type { TensorInfo } from "../runtime/backend.ts";
import { register } from "../runtime/register.ts";
import { matrix, multiply } from "./matMul.ts";

export function registerLinear(): void {
  register("EnsamLinear", (backend, inputs) => {
    const { x, weight, bias } = inputs as Record<"x" | "weight" | "bias", TensorInfo>;
    const [rows, inner] = x.shape as [number, number];
    const columns = weight.shape[0]!;
    const y = backend.output([rows, columns]);
    multiply(backend, {
      ...{ a: matrix(x, inner), b: matrix(weight, 1, inner), c: matrix(y, columns) },
      ...{ batch: 1, rows, inner, columns, addend: matrix(bias, 0) },
    });
    return y;
  });
  register("EnsamLinearGradient", (backend, inputs) => {
    const { dy, x, weight } = inputs as Record<"dy" | "x" | "weight", TensorInfo>;
    const [rows, inner] = x.shape as [number, number];
    const outputs = weight.shape[0]!;
    const dx = backend.output([rows, inner]);
    const dWeight = backend.output([outputs, inner]);
    const dBias = backend.output([outputs]);
    multiply(backend, {
      ...{ a: matrix(dy, outputs), b: matrix(weight, inner), c: matrix(dx, inner) },
      ...{ batch: 1, rows, inner: outputs, columns: inner },
    });
    multiply(backend, {
      ...{ a: matrix(dy, 1, outputs), b: matrix(x, inner), c: matrix(dWeight, inner) },
      ...{ batch: 1, rows: outputs, inner: rows, columns: inner },
    });
    columnSums(backend, plainSum, { x: dy }, rows, outputs, dBias);
    return [dx, dWeight, dBias];
  });
}
