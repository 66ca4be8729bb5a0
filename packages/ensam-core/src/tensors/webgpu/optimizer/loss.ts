import { crossEntropyWeight, diceEpsilon } from "../../constants.ts";
import { type ColumnSums, columnSums } from "../norm/columnSums.ts";
import type { Program } from "../runtime/program.ts";
import { register, sizeOf } from "../runtime/register.ts";
import { elementwiseParameters, runElementwise } from "../runtime/runByParts.ts";

const threads = 256;

export function registerLoss(): void {
  register("EnsamDiceCrossEntropy", (backend, { logits, target }) => {
    const voxels = sizeOf(logits!.shape);
    const parts = backend.output([3]);
    const sums = backend.output([3]);
    backend.borrow(4, (totals) => {
      columnSums(backend, lossSums, { z: logits!, t: target! }, voxels, 1, totals);
      backend.run(finish, { totals, parts, sums }, { perVoxel: 1 / voxels }, 1);
    });
    return [parts, sums];
  });
  register("EnsamDiceCrossEntropyGradient", (backend, { dTotal, logits, target, sums }) => {
    const count = sizeOf(logits!.shape);
    const dLogits = backend.output(logits!.shape);
    const maps = { z: logits!, t: target!, dLogits };
    runElementwise(backend, gradient, maps, { dTotal: dTotal!, sums: sums! }, { perVoxel: 1 / count }, count);
    return dLogits;
  });
}

const sigmoid = `
  fn sigmoid(z: f32) -> f32 {
    let e = exp(-abs(z));
    return select(1.0, e, z < 0) / (1 + e);
  }`;

/**
 * log(1 + e) for e in 0..1 by the series of the inverse hyperbolic tangent, because log(1 + e) itself loses small e.
 */
const lossSums: ColumnSums = {
  key: "loss",
  count: 4,
  maps: ["z", "t"],
  declarations: `${sigmoid}
    fn logOnePlus(e: f32) -> f32 {
      let s = e / (2 + e);
      let q = s * s;
      return 2 * s * (1 + q * (1.0 / 3 + q * (1.0 / 5 + q * (1.0 / 7 + q * (1.0 / 9 + q * (1.0 / 11 + q / 13))))));
    }`,
  code: `
    let own = sigmoid(z[at]);
    sum0 += own * t[at];
    sum1 += own * own;
    sum2 += t[at] * t[at];
    sum3 += max(z[at], 0) - z[at] * t[at] + logOnePlus(exp(-abs(z[at])));`,
};

const finish: Program = {
  key: "finishLoss",
  reads: { totals: "f32" },
  writes: { parts: "f32", sums: "f32" },
  parameters: { perVoxel: "f32" },
  threads: 1,
  body: `
    let dice = 1 - (2 * totals[0] + ${diceEpsilon}) / (totals[1] + totals[2] + ${diceEpsilon});
    let crossEntropy = totals[3] * p.perVoxel;
    parts[0] = dice + ${crossEntropyWeight} * crossEntropy;
    parts[1] = dice;
    parts[2] = crossEntropy;
    for (var i = 0u; i < 3u; i++) { sums[i] = totals[i]; }`,
};

const gradient: Program = {
  key: "lossGradient",
  reads: { dTotal: "f32", z: "f32", t: "f32", sums: "f32" },
  writes: { dLogits: "f32" },
  parameters: { ...elementwiseParameters, perVoxel: "f32" },
  threads,
  declarations: sigmoid,
  body: `
    if (index >= p.count) { return; }
    let own = sigmoid(z[index]);
    let other = sigmoid(-z[index]);
    let sizes = sums[1] + sums[2] + ${diceEpsilon};
    let dice = 2 * (own * (2 * sums[0] + ${diceEpsilon}) / sizes - t[index]) / sizes;
    // p - t, without cancellation where the prediction is sure and right.
    let error = select(own - t[index], -other, t[index] == 1);
    dLogits[index] = dTotal[0] * (dice * own * other + ${crossEntropyWeight} * error * p.perVoxel);`,
};
