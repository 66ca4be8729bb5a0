import { gridMultiple } from "@ensam/core/geometry";
import { type PresetName, presets } from "@ensam/core/model";
import type { DeviceOptions, GpuFacts } from "@ensam/core/tensors";
import type { Zyx } from "@ensam/core/voxels";
import type { Convolution } from "./benchConvolution.ts";
import { shapeWords } from "./benchTable.ts";

/** What is measured on a GPU, the most important first. */
export interface GpuPlan {
  readonly convolutions: readonly Convolution[];
  /** Of maps of 16 channels to copy. */
  readonly copied: Zyx;
  readonly presets: readonly PresetName[];
  /** Of the volumes of training steps, in growing size. */
  readonly steps: readonly Zyx[];
  /** Of the volume for the parts of a step and the tables of operators. */
  readonly details: Zyx;
}

/** A way to open the device: each is measured in turn. */
export interface Variant {
  readonly label: string;
  readonly options: DeviceOptions;
}

/** Volumes of 1,048,576, 2,097,152 and 4,194,304 voxels; the last is the largest that the paper trains with. */
const paperSteps: readonly Zyx[] = [
  [64, 128, 128],
  [128, 128, 128],
  [128, 128, 256],
];

const gpuPlan: GpuPlan = {
  convolutions: [
    ...[cube3(16, 16, [128, 128, 256]), cube3(32, 32, [128, 128, 256]), cube3(48, 16, [128, 128, 256])],
    ...[cube3(64, 64, [64, 64, 128]), cube3(128, 128, [64, 64, 128])],
  ],
  copied: [128, 256, 256],
  presets: ["paper"],
  steps: paperSteps,
  details: [128, 128, 128],
};

/** The same course in sizes that a software adapter gets through. */
const softwarePlan: GpuPlan = {
  convolutions: [cube3(16, 16, [16, 16, 32]), cube3(48, 16, [16, 16, 16]), cube3(64, 64, [8, 8, 16])],
  copied: [16, 32, 32],
  presets: ["tiny"],
  steps: [
    [16, 16, 16],
    [16, 16, 32],
    [16, 32, 32],
  ],
  details: [16, 16, 16],
};

/** What to measure on a GPU, with the user's presets and sizes instead of its own where there are any. */
export function planFor(
  { isSoftware }: Pick<GpuFacts, "isSoftware">,
  asked: { presets?: readonly PresetName[] | undefined; sizes?: readonly Zyx[] | undefined } = {},
): GpuPlan {
  const plan = isSoftware ? softwarePlan : gpuPlan;
  const steps = asked.sizes?.toSorted((a, b) => voxels(a) - voxels(b)) ?? plan.steps;
  return {
    ...plan,
    presets: asked.presets ?? plan.presets,
    steps,
    details: asked.sizes === undefined ? plan.details : steps[0]!,
  };
}

/** The ways to open a device: by what a GPU's convolutions multiply, by numbers of threads on a processor. */
export function variantsOf(isGpu: boolean, threads: readonly number[]): Variant[] {
  if (isGpu)
    return (["f32", "f16", "matrix"] as const).map((precision) => ({ label: precision, options: { precision } }));
  return threads.map((count) => ({
    label: `${count} ${count === 1 ? "thread" : "threads"}`,
    options: { threads: count },
  }));
}

/** Reads `64,64x128x128`: edges of cubes or whole shapes. */
export function parseSizes(text: string): Zyx[] {
  return text.split(",").map((word) => {
    const edges = word.split("x").map(Number);
    const shape = edges.length === 1 ? [edges[0], edges[0], edges[0]] : edges;
    const fits = (n: number | undefined) => Number.isInteger(n) && n! > 0 && n! % gridMultiple === 0;
    if (shape.length !== 3 || !shape.every(fits)) {
      throw new Error(`bench: --size: expected N or ZxYxX in multiples of ${gridMultiple}, got ${word}`);
    }
    return shape as unknown as Zyx;
  });
}

export function parsePresets(text: string): PresetName[] {
  const names = text.split(",");
  for (const name of names) {
    if (!(name in presets)) {
      throw new Error(`bench: --preset: expected ${Object.keys(presets).join(", ")}, got ${name}`);
    }
  }
  return names as PresetName[];
}

/** How a step is named where its result is missing. */
export const stepWords = (preset: PresetName, shape: Zyx) => `${preset} training step at ${shapeWords(shape)}`;

function cube3(inputs: number, outputs: number, grid: Zyx): Convolution {
  return { grid, inputs, outputs, kernel: 3, stride: 1 };
}

function voxels([z, y, x]: Zyx): number {
  return z * y * x;
}
