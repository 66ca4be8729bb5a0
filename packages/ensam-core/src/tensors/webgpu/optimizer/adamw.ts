import type { AdamwFactors } from "../../ops/adamwUpdate.ts";
import type { TensorInfo } from "../runtime/backend.ts";
import type { Program } from "../runtime/program.ts";
import { register, sizeOf } from "../runtime/register.ts";

const threads = 64;

export function registerAdamw(): void {
  register<AdamwFactors>("EnsamAdamwUpdate", (backend, inputs, factors) => {
    const { weight, gradient, mean, square } = inputs as Record<"weight" | "gradient" | "mean" | "square", TensorInfo>;
    const count = sizeOf(weight.shape);
    const nextWeight = backend.output(weight.shape);
    const nextMean = backend.output(weight.shape);
    const nextSquare = backend.output(weight.shape);
    const buffers = { weight, gradient, mean, square, nextWeight, nextMean, nextSquare };
    backend.run(update, buffers, { count, ...factors }, Math.ceil(count / threads));
    return [nextWeight, nextMean, nextSquare];
  });
}

const update: Program = {
  key: "adamwUpdate",
  reads: { weight: "f32", gradient: "f32", mean: "f32", square: "f32" },
  writes: { nextWeight: "f32", nextMean: "f32", nextSquare: "f32" },
  parameters: {
    count: "u32",
    beta1: "f32",
    rest1: "f32",
    beta2: "f32",
    rest2: "f32",
    rate: "f32",
    correction: "f32",
    epsilon: "f32",
    kept: "f32",
  },
  threads,
  body: `
    if (index >= p.count) { return; }
    let slope = gradient[index];
    let ownMean = p.beta1 * mean[index] + p.rest1 * slope;
    let ownSquare = p.beta2 * square[index] + p.rest2 * slope * slope;
    nextMean[index] = ownMean;
    nextSquare[index] = ownSquare;
    nextWeight[index] = p.kept * weight[index] - p.rate * ownMean / (sqrt(ownSquare / p.correction) + p.epsilon);`,
};
