import type { GpuBackend, Scratch, TensorInfo } from "../runtime/backend.ts";
import type { Program } from "../runtime/program.ts";
import { sizeOf } from "../runtime/register.ts";

const threads = 256;
const mostGroups = 256;

/**
 * The power of two that brings a tensor's largest magnitude to between 2^12 and 2^13, and its inverse: `[scale, 1 /
 * scale]`. A gradient of the mean over millions of voxels would be nothing in f16 without it. 1 for zeros and for what
 * is not finite.
 */
export function withF16Scale<Result>(backend: GpuBackend, x: TensorInfo, use: (scale: Scratch) => Result): Result {
  const count = sizeOf(x.shape);
  const groups = Math.min(mostGroups, Math.ceil(count / threads));
  return backend.borrow(groups, (magnitudes) =>
    backend.borrow(2, (scale) => {
      backend.run(largest, { x, magnitudes }, { count, stride: groups * threads }, groups);
      backend.run(powerOfTwo, { magnitudes, scale }, { count: groups }, 1);
      return use(scale);
    }),
  );
}

/** The largest of `value` over the workgroup, in `shared_[0]`. */
const reduce = `
    shared_[local] = value;
    workgroupBarrier();
    for (var half = ${threads / 2}u; half > 0u; half /= 2u) {
      if (local < half) { shared_[local] = max(shared_[local], shared_[local + half]); }
      workgroupBarrier();
    }`;

const largest: Program = {
  key: "f16Scale largest",
  reads: { x: "f32" },
  writes: { magnitudes: "f32" },
  parameters: { count: "u32", stride: "u32" },
  threads,
  declarations: `var<workgroup> shared_: array<f32, ${threads}>;`,
  body: `
    var value = 0.0;
    for (var i = index; i < p.count; i += p.stride) { value = max(value, abs(x[i])); }
    ${reduce}
    if (local == 0u) { magnitudes[group.x] = shared_[0]; }`,
};

const powerOfTwo: Program = {
  key: "f16Scale powerOfTwo",
  reads: { magnitudes: "f32" },
  writes: { scale: "f32" },
  parameters: { count: "u32" },
  threads,
  declarations: `var<workgroup> shared_: array<f32, ${threads}>;`,
  body: `
    var value = 0.0;
    if (local < p.count) { value = magnitudes[local]; }
    ${reduce}
    if (local == 0u) {
      var exponent = 0.0;
      if (shared_[0] > 1e-37 && shared_[0] < 1e37) { exponent = clamp(12 - floor(log2(shared_[0])), -100, 100); }
      scale[0] = ldexp(1.0, i32(exponent));
      scale[1] = ldexp(1.0, -i32(exponent));
    }`,
};
