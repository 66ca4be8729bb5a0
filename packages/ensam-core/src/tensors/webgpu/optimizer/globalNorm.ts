import { rowTotal } from "../attention/tokens.ts";
import type { GpuBackend, Scratch, TensorInfo } from "../runtime/backend.ts";
import type { Program } from "../runtime/program.ts";
import { register, sizeOf } from "../runtime/register.ts";

const threads = 256;
/** Values that a workgroup adds up at least, and workgroups for one tensor at most. */
const leastValues = 4096;
const mostSlabs = 512;

export function registerGlobalNorm(): void {
  register("EnsamGlobalNorm", (backend, inputs) => {
    const tensors = Object.values(inputs);
    const slabs = tensors.map(({ shape }) => slabsOf(sizeOf(shape)).slabs);
    const count = slabs.reduce((sum, n) => sum + n, 0);
    const norm = backend.output([]);
    backend.borrow(count, (partials) => {
      let first = 0;
      tensors.forEach((tensor, i) => {
        addSquares(backend, tensor, { count: sizeOf(tensor.shape), batch: 1, partials, first });
        first += slabs[i]!;
      });
      backend.run(finish, { partials, norm }, { count }, 1);
    });
    return norm;
  });
}

/** How many values are shared out to workgroups. By their number alone, so that the order of summation is too. */
export function slabsOf(count: number): { slabs: number; perSlab: number } {
  const perSlab = Math.max(leastValues, Math.ceil(count / mostSlabs));
  return { slabs: Math.ceil(count / perSlab), perSlab };
}

export interface Squares {
  /** Values of each stretch. */
  readonly count: number;
  /** Stretches, one behind the other. */
  readonly batch: number;
  /** [batch, slabs] sums, written from `first` on. */
  readonly partials: Scratch;
  readonly first: number;
}

/** Adds up the squares of stretches of values in the slabs of `slabsOf`. */
export function addSquares(
  backend: GpuBackend,
  x: TensorInfo | Scratch,
  { count, batch, partials, first }: Squares,
): void {
  const { slabs, perSlab } = slabsOf(count);
  backend.run(squares, { x, partials }, { count, perSlab, first }, [slabs, batch]);
}

const squares: Program = {
  key: "squares",
  reads: { x: "f32" },
  writes: { partials: "f32" },
  parameters: { count: "u32", perSlab: "u32", first: "u32" },
  threads,
  declarations: `var<workgroup> sums: array<f32, ${threads}>;`,
  body: `
    let end = min((group.x + 1u) * p.perSlab, p.count);
    var sum = 0.0;
    for (var i = group.x * p.perSlab + local; i < end; i += ${threads}u) {
      let value = x[group.y * p.count + i];
      sum += value * value;
    }
    sums[local] = sum;
    workgroupBarrier();
    for (var half = ${threads / 2}u; half > 0u; half /= 2u) {
      if (local < half) { sums[local] += sums[local + half]; }
      workgroupBarrier();
    }
    if (local == 0u) { partials[p.first + group.y * groups.x + group.x] = sums[0]; }`,
};

const finish: Program = {
  key: "finishNorm",
  reads: { partials: "f32" },
  writes: { norm: "f32" },
  parameters: { count: "u32" },
  threads: 64,
  declarations: rowTotal,
  body: `
    var sum = 0.0;
    for (var i = local; i < p.count; i += 64u) { sum += partials[i]; }
    let all = total(sum, local);
    if (local == 0u) { norm[0] = sqrt(all); }`,
};
