import { gaussian, type OperatorCase } from "./operatorCases.ts";
import { adamwUpdate, adamwUpdateComposed } from "./ops/adamwUpdate.ts";
import { globalNorm, globalNormComposed } from "./ops/globalNorm.ts";
import { type MuonUpdated, muonUpdate, muonUpdateComposed } from "./ops/muonUpdate.ts";
import { scaledSum, scaledSumComposed } from "./ops/scaledSum.ts";
import { tf } from "./tf.ts";

/** Every value of some tensors in one vector. */
export function joined(tensors: readonly tf.Tensor[]): tf.Tensor {
  return tf.tidy(() => tf.concat(tensors.map((tensor) => tf.reshape(tensor, [-1]))));
}

/** An update by AdamW, the third, of a weight, a gradient, a mean and a square mean: all it changes in one vector. */
export function adamwCase(name: string, shape: number[], weightDecay: number): OperatorCase {
  const settings = { learningRate: 0.01, weightDecay, betas: [0.9, 0.999], epsilon: 1e-8, steps: 3 } as const;
  const run =
    (update: typeof adamwUpdate): OperatorCase["operator"] =>
    (weight, gradient, mean, root) =>
      tf.tidy(() => {
        const square = tf.square(root!);
        const next = update({ weight: weight!, gradient: gradient!, mean: mean!, square }, settings);
        return joined([next.weight, next.mean, next.square]);
      });
  return {
    name: `adamwUpdate ${name}`,
    operator: run(adamwUpdate),
    composed: run(adamwUpdateComposed),
    inputs: () => [gaussian(shape, 1), gaussian(shape, 2), gaussian(shape, 3), gaussian(shape, 4, 0.1)],
    hasGradients: false,
  };
}

/** An update by Muon of parameters of these shapes: all it changes in one vector. */
export function muonCase(name: string, shapes: readonly number[][], weightDecay: number): OperatorCase {
  // A step of length 1: the orthogonal direction outweighs what else is compared.
  const settings = { learningRate: 0.02, weightDecay, momentum: 0.95, scale: 50 };
  const run =
    (update: typeof muonUpdate): OperatorCase["operator"] =>
    (...inputs) =>
      tf.tidy(() => {
        const parameters = shapes.map((_, i) => {
          const [weight, gradient, momentum] = inputs.slice(3 * i) as [tf.Tensor, tf.Tensor, tf.Tensor];
          return { weight, gradient, momentum };
        });
        const changed = ({ weight, momentum }: MuonUpdated) => [weight, momentum];
        return joined(update(parameters, settings).flatMap(changed));
      });
  return {
    name: `muonUpdate ${name}`,
    operator: run(muonUpdate),
    composed: run(muonUpdateComposed),
    inputs: () => shapes.flatMap((shape, i) => [1, 2, 3].map((seed) => gaussian(shape, 3 * i + seed, 0.1))),
    hasGradients: false,
  };
}

/** The operators of training's updates, which have no gradients, on small inputs with odd sizes. */
export const updateCases: readonly OperatorCase[] = [
  adamwCase("with decay", [5, 7], 0.1),
  muonCase("of matrices and kernels", [[3, 5], [7, 4], [4, 2, 3, 1, 3], [3, 5]], 0.1), // biome-ignore format: shapes
  {
    name: "scaledSum",
    operator: (x, y) => scaledSum([0.9, x!], [-3, y!]),
    composed: (x, y) => scaledSumComposed([0.9, x!], [-3, y!]),
    inputs: () => [gaussian([5, 7], 1), gaussian([5, 7], 2)],
    hasGradients: false,
  },
  {
    name: "globalNorm",
    operator: (...tensors) => globalNorm(tensors),
    composed: (...tensors) => globalNormComposed(tensors),
    inputs: () => [gaussian([5, 7], 1), gaussian([9001], 2), gaussian([1], 3)],
    hasGradients: false,
  },
];
