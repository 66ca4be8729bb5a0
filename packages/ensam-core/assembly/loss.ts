import { word } from "./simd";

/**
 * Sums over a range of voxels of p t, p², t² and the cross-entropy, p = σ(z).
 *
 * Parameters: logits, target, partials f64 [tasks][4], voxels, tasks.
 */
export function lossSums(params: usize, task: usize, _scratch: usize): void {
  const voxels = word(params, 3), tasks = word(params, 4);
  const start = <usize>((<u64>voxels * task) / tasks), end = <usize>((<u64>voxels * (task + 1)) / tasks);
  let overlap: f64 = 0, predicted: f64 = 0, wanted: f64 = 0, entropy: f64 = 0;
  for (let v = start; v < end; v++) {
    const z = <f64>load<f32>(word(params, 0) + (v << 2)), t = <f64>load<f32>(word(params, 1) + (v << 2));
    const e = Math.exp(-abs(z));
    const p = (z < 0 ? e : 1) / (1 + e);
    overlap += p * t;
    predicted += p * p;
    wanted += t * t;
    entropy += max(z, 0) - z * t + Math.log1p(e);
  }
  const out = word(params, 2) + (task << 5);
  store<f64>(out, overlap);
  store<f64>(out, predicted, 8);
  store<f64>(out, wanted, 16);
  store<f64>(out, entropy, 24);
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
  const dice = 1 - (2 * overlap + 1e-5) / (predicted + wanted + 1e-5);
  entropy /= <f64>word(params, 2);
  const parts = word(params, 3), sums = word(params, 4);
  store<f32>(parts, <f32>(dice + 2 * entropy));
  store<f32>(parts, <f32>dice, 4);
  store<f32>(parts, <f32>entropy, 8);
  store<f32>(sums, <f32>overlap);
  store<f32>(sums, <f32>predicted, 4);
  store<f32>(sums, <f32>wanted, 8);
}

/** Parameters: gradient of the total f32 [1], logits, target, sums f32 [3], dLogits, voxels, voxels per task. */
export function lossBack(params: usize, task: usize, _scratch: usize): void {
  const dTotal = <f64>load<f32>(word(params, 0));
  const sums = word(params, 3), voxels = word(params, 5), perTask = word(params, 6);
  const overlap = <f64>load<f32>(sums);
  const area = <f64>load<f32>(sums, 4) + <f64>load<f32>(sums, 8) + 1e-5;
  const perTarget = -2 / area, perProbability = (2 * (2 * overlap + 1e-5)) / (area * area);
  const share = 2 / <f64>voxels;
  const end = min(voxels, (task + 1) * perTask);
  for (let v = task * perTask; v < end; v++) {
    const z = <f64>load<f32>(word(params, 1) + (v << 2)), t = <f64>load<f32>(word(params, 2) + (v << 2));
    const e = Math.exp(-abs(z));
    const p = (z < 0 ? e : 1) / (1 + e);
    const slope = e / ((1 + e) * (1 + e));
    const dice = (perTarget * t + perProbability * p) * slope;
    store<f32>(word(params, 4) + (v << 2), <f32>(dTotal * (dice + share * (p - t))));
  }
}
