import type { Program } from "../runtime/program.ts";
import { register, sizeOf } from "../runtime/register.ts";

export function registerScaledSum(): void {
  register<{ a: number; b: number }>("EnsamScaledSum", (backend, { x, y }, { a, b }) => {
    const sum = backend.output(x!.shape);
    const count = sizeOf(sum.shape);
    backend.run(scaledSum, { x: x!, y: y!, sum }, { count, a, b, yFirst: 0 }, Math.ceil(count / scaledSum.threads));
    return sum;
  });
}

/** `sum = a x + b y`, with y read from `yFirst` on. */
export const scaledSum: Program = {
  key: "scaledSum",
  reads: { x: "f32", y: "f32" },
  writes: { sum: "f32" },
  parameters: { count: "u32", yFirst: "u32", a: "f32", b: "f32" },
  threads: 64,
  body: "if (index < p.count) { sum[index] = p.a * x[index] + p.b * y[p.yFirst + index]; }",
};
