import { lanes } from "./channels";
import { word } from "./simd";

// x √C / (|x| + 1e-6) over the channels of a voxel, then gelu(u) = u Φ(u). Φ comes from a table over [-limit, limit] with
// its derivative φ, by cubic Hermite interpolation: [steps + 1][Φ, φ / stepsPerUnit] in doubles.

const limit: f64 = 8;
const stepsPerUnit: f64 = 64;

// @ts-ignore: decorator
@inline
function cumulative(table: usize, u: f64): f64 {
  if (u >= limit) return 1;
  if (!(u > -limit)) return u == u ? 0 : u;
  const at = (u + limit) * stepsPerUnit;
  const i = <u32>at;
  const p = table + (<usize>i << 4);
  const t = at - <f64>i;
  const f0 = load<f64>(p), d0 = load<f64>(p, 8), f1 = load<f64>(p, 16), d1 = load<f64>(p, 24);
  const rise = f1 - f0;
  return f0 + t * (d0 + t * (3 * rise - 2 * d0 - d1 + t * (d0 + d1 - 2 * rise)));
}

// @ts-ignore: decorator
@inline
function density(table: usize, u: f64): f64 {
  if (!(u > -limit && u < limit)) return 0;
  const at = (u + limit) * stepsPerUnit;
  const i = <u32>at;
  const p = table + (<usize>i << 4);
  const t = at - <f64>i;
  // φ' = -u φ at both ends of the step.
  const f0 = load<f64>(p, 8), f1 = load<f64>(p, 24);
  const u0 = <f64>i / stepsPerUnit - limit;
  const d0 = (-u0 * f0) / stepsPerUnit, d1 = (-(u0 + 1 / stepsPerUnit) * f1) / stepsPerUnit;
  const rise = f1 - f0;
  return (f0 + t * (d0 + t * (3 * rise - 2 * d0 - d1 + t * (d0 + d1 - 2 * rise)))) * stepsPerUnit;
}

function squaredLength(p: usize, n: usize): f32 {
  let s = f32x4.splat(0);
  let i: usize = 0;
  const whole = (n & ~3) << 2;
  for (; i < whole; i += 16) {
    const v = v128.load(p + i);
    s = f32x4.add(s, f32x4.mul(v, v));
  }
  let sum = lanes(s);
  for (; i < n << 2; i += 4) sum += load<f32>(p + i) * load<f32>(p + i);
  return sum;
}

/** Parameters: x, y, table, voxels, channels, voxels per task. Task: a range of voxels. */
export function rmsGelu(params: usize, task: usize, _scratch: usize): void {
  const table = word(params, 2), channels = word(params, 4), perTask = word(params, 5);
  const end = min(word(params, 3), (task + 1) * perTask);
  const bytes = channels << 2;
  const root = Math.sqrt(<f64>channels);
  for (let v = task * perTask; v < end; v++) {
    const x = word(params, 0) + v * bytes, y = word(params, 1) + v * bytes;
    const scale = root / (Math.sqrt(<f64>squaredLength(x, channels)) + 1e-6);
    for (let i: usize = 0; i < bytes; i += 4) {
      const u = <f64>load<f32>(x + i) * scale;
      store<f32>(y + i, <f32>(u * cumulative(table, u)));
    }
  }
}

/** Parameters: dy, x, dx, table, voxels, channels, voxels per task. Task: a range of voxels. */
export function rmsGeluBack(params: usize, task: usize, _scratch: usize): void {
  const table = word(params, 3), channels = word(params, 5), perTask = word(params, 6);
  const end = min(word(params, 4), (task + 1) * perTask);
  const bytes = channels << 2;
  const root = Math.sqrt(<f64>channels);
  for (let v = task * perTask; v < end; v++) {
    const dy = word(params, 0) + v * bytes, x = word(params, 1) + v * bytes, dx = word(params, 2) + v * bytes;
    const n = Math.sqrt(<f64>squaredLength(x, channels));
    const scale = root / (n + 1e-6);
    let dot: f64 = 0;
    for (let i: usize = 0; i < bytes; i += 4) {
      const value = <f64>load<f32>(x + i);
      const u = value * scale;
      const g = <f64>load<f32>(dy + i) * (cumulative(table, u) + u * density(table, u));
      dot += g * value;
      store<f32>(dx + i, <f32>g);
    }
    const back = n > 0 ? (dot * scale) / (n * (n + 1e-6)) : 0;
    for (let i: usize = 0; i < bytes; i += 4) {
      store<f32>(dx + i, <f32>(scale * <f64>load<f32>(dx + i) - back * <f64>load<f32>(x + i)));
    }
  }
}
