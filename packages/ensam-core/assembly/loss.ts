import { crossEntropyWeight, diceEpsilon } from "../src/tensors/constants";
import { lanes } from "./channels";
import { expNegative, log1p, logistic } from "./functions";
import { word } from "./simd";

/** Voxels whose sums are single precision before they are added to the double ones. */
const chunk: usize = 256;

/**
 * Sums over a range of voxels of p t, p², t² and the cross-entropy, p = σ(z).
 *
 * Parameters: logits, target, partials f64 [tasks][4], voxels, voxels per task (a multiple of 4). Scratch: eight
 * floats.
 */
export function lossSums(params: usize, task: usize, scratch: usize): void {
  const perTask = word(params, 4);
  const start = task * perTask, end = min(word(params, 3), start + perTask);
  const zero = f32x4.splat(0);
  let overlap: f64 = 0, predicted: f64 = 0, wanted: f64 = 0, entropy: f64 = 0;
  for (let first = start; first < end; first += chunk) {
    let a = zero, b = zero, c = zero, d = zero;
    const stop = min(first + chunk, end);
    for (let v = first; v < stop; v += 4) {
      let from = word(params, 0) + (v << 2), to = word(params, 1) + (v << 2);
      if (v + 4 > stop) {
        // At -infinity and 0 a voxel adds nothing.
        padded(scratch, from, stop - v, -1e30);
        padded(scratch + 16, to, stop - v, 0);
        from = scratch;
        to = scratch + 16;
      }
      const z = v128.load(from), t = v128.load(to);
      const e = expNegative(f32x4.neg(f32x4.abs(z)));
      const p = logistic(z, e);
      a = f32x4.add(a, f32x4.mul(p, t));
      b = f32x4.add(b, f32x4.mul(p, p));
      c = f32x4.add(c, f32x4.mul(t, t));
      d = f32x4.add(d, f32x4.add(f32x4.sub(f32x4.max(z, zero), f32x4.mul(z, t)), log1p(e)));
    }
    overlap += <f64>lanes(a);
    predicted += <f64>lanes(b);
    wanted += <f64>lanes(c);
    entropy += <f64>lanes(d);
  }
  const out = word(params, 2) + (task << 5);
  store<f64>(out, overlap);
  store<f64>(out, predicted, 8);
  store<f64>(out, wanted, 16);
  store<f64>(out, entropy, 24);
}

/** The first n of four floats, the others `rest`. */
function padded(to: usize, from: usize, n: usize, rest: f32): void {
  for (let i: usize = 0; i < 4; i++) store<f32>(to + (i << 2), i < n ? load<f32>(from + (i << 2)) : rest);
}

/** Parameters: partials, tasks, voxels, parts f32 [3] (total, dice, cross-entropy), sums f32 [3]. */
export function finishLoss(params: usize, _task: usize, _scratch: usize): void {
  const partials = word(params, 0), tasks = word(params, 1);
  let overlap: f64 = 0, predicted: f64 = 0, wanted: f64 = 0, entropy: f64 = 0;
  for (let t: usize = 0; t < tasks; t++) {
    const p = partials + (t << 5);
    overlap += load<f64>(p);
    predicted += load<f64>(p, 8);
    wanted += load<f64>(p, 16);
    entropy += load<f64>(p, 24);
  }
  const dice = 1 - (2 * overlap + diceEpsilon) / (predicted + wanted + diceEpsilon);
  entropy /= <f64>word(params, 2);
  const parts = word(params, 3), sums = word(params, 4);
  store<f32>(parts, <f32>(dice + crossEntropyWeight * entropy));
  store<f32>(parts, <f32>dice, 4);
  store<f32>(parts, <f32>entropy, 8);
  store<f32>(sums, <f32>overlap);
  store<f32>(sums, <f32>predicted, 4);
  store<f32>(sums, <f32>wanted, 8);
}

/**
 * Parameters: gradient of the total f32 [1], logits, target, sums f32 [3], dLogits, voxels, voxels per task (a multiple
 * of 4). Scratch: four floats.
 */
export function lossBack(params: usize, task: usize, scratch: usize): void {
  const dTotal = <f64>load<f32>(word(params, 0));
  const sums = word(params, 3), voxels = word(params, 5), perTask = word(params, 6);
  const overlap = <f64>load<f32>(sums);
  const area = <f64>load<f32>(sums, 4) + <f64>load<f32>(sums, 8) + diceEpsilon;
  const perTarget = f32x4.splat(<f32>((-2 * dTotal) / area));
  const perProbability = f32x4.splat(<f32>((2 * (2 * overlap + diceEpsilon) * dTotal) / (area * area)));
  const share = f32x4.splat(<f32>((crossEntropyWeight * dTotal) / <f64>voxels));
  const one = f32x4.splat(1);
  const end = min(voxels, (task + 1) * perTask);
  for (let v = task * perTask; v < end; v += 4) {
    const offset = v << 2;
    const z = v128.load(word(params, 1) + offset), t = v128.load(word(params, 2) + offset);
    const e = expNegative(f32x4.neg(f32x4.abs(z)));
    const p = logistic(z, e);
    const slope = f32x4.div(e, f32x4.mul(f32x4.add(one, e), f32x4.add(one, e)));
    const dice = f32x4.mul(f32x4.add(f32x4.mul(perTarget, t), f32x4.mul(perProbability, p)), slope);
    const g = f32x4.add(dice, f32x4.mul(share, f32x4.sub(p, t)));
    if (v + 4 <= end) {
      v128.store(word(params, 4) + offset, g);
    } else {
      v128.store(scratch, g);
      memory.copy(word(params, 4) + offset, scratch, (end - v) << 2);
    }
  }
}
