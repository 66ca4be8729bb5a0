import type { Zyx } from "../geometry/index.ts";
import { biasField, biasFieldTerms } from "./biasField.ts";
import { gaussianSmooth } from "./gaussianSmooth.ts";
import type { Grid } from "./grid.ts";
import { histogramShift } from "./histogramShift.ts";
import type { RandomStream } from "./random.ts";

/** One intensity augmentation with its parameters. */
export type Augmentation =
  | { readonly kind: "biasField"; readonly coefficients: readonly number[] }
  | { readonly kind: "gaussianSmooth"; readonly sigma: Zyx }
  | { readonly kind: "histogramShift"; readonly reference: readonly number[]; readonly floating: readonly number[] };

/** The authors' choice: one of the three, each as likely as the others, used in half of the samples. */
export function drawAugmentation(random: RandomStream): Augmentation | undefined {
  const draw = [drawBiasField, drawGaussianSmooth, drawHistogramShift][random.int(0, 3)]!;
  return random.float() < 0.5 ? draw(random) : undefined;
}

/** A bias field of degree 3, its coefficients uniform in [0, 0.1). */
export function drawBiasField(random: RandomStream): Augmentation {
  const coefficients = Array.from({ length: biasFieldTerms(3) }, () => random.uniform(0, 0.1));
  return { kind: "biasField", coefficients };
}

/** A blur of 0.25 to 1.5 voxels, drawn for each axis. */
export function drawGaussianSmooth(random: RandomStream): Augmentation {
  const sigma = () => random.uniform(0.25, 1.5);
  return { kind: "gaussianSmooth", sigma: [sigma(), sigma(), sigma()] };
}

/** Ten control points; each inner one moves, in turn, to a place between the one before (moved) and the one after. */
export function drawHistogramShift(random: RandomStream): Augmentation {
  const reference = Array.from({ length: 10 }, (_, k) => k / 9);
  const floating = [...reference];
  for (let k = 1; k < 9; k++) floating[k] = random.uniform(floating[k - 1]!, floating[k + 1]!);
  return { kind: "histogramShift", reference, floating };
}

/** The image after an augmentation, cut to [0, 1] as the authors do after each. */
export function augment(image: Grid<Float32Array>, augmentation: Augmentation): Grid<Float32Array> {
  const changed = changedBy(image, augmentation);
  const { data } = changed;
  for (let i = 0; i < data.length; i++) data[i] = Math.min(1, Math.max(0, data[i]!));
  return changed;
}

function changedBy(image: Grid<Float32Array>, augmentation: Augmentation): Grid<Float32Array> {
  switch (augmentation.kind) {
    case "biasField":
      return biasField(image, augmentation.coefficients);
    case "gaussianSmooth":
      return gaussianSmooth(image, augmentation.sigma);
    case "histogramShift":
      return histogramShift(image, augmentation.reference, augmentation.floating);
  }
}
