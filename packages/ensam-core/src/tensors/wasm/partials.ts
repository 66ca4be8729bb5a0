import type { WasmBackend } from "./backend.ts";

export interface PartialSum {
  partials: number;
  target: number;
  outputs: number;
  inner: number;
  kernel: number;
  slabs: number;
  outputStride: number;
  innerStride: number;
}

export function addPartials(backend: WasmBackend, p: PartialSum): void {
  const perTask = Math.max(1, Math.ceil(p.outputs / 16));
  backend.engine.run({
    kernel: "addPartials",
    parameters: [p.partials, p.target, p.outputs, p.inner, p.kernel, p.slabs, p.outputStride, p.innerStride, perTask],
    tasks: Math.ceil(p.outputs / perTask),
    microseconds: (p.outputs * p.inner * p.kernel ** 3 * p.slabs) / 500,
  });
}

/** Bytes of partial gradients: see assembly/filterGradient.ts. */
export function partialBytes(outputs: number, length: number, squares: number, slabs: number): number {
  const rest = outputs & 15;
  const wide = (outputs & ~15) + (rest > 12 ? 16 : rest > 4 ? 8 : 0);
  const narrow = (rest > 8 && rest <= 12) || (rest > 0 && rest <= 4) ? ((length + 7) & ~7) * 4 : 0;
  return (wide * length + narrow) * squares * slabs * 4 + 64;
}
