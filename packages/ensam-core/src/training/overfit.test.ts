import { beforeAll, expect, test } from "vitest";
import { readImage, readLabels } from "../files/index.ts";
import { missing, sharedPath } from "../files/testing/index.ts";
import { presets } from "../model/index.ts";
import { type Sample, validationSample } from "../samples/index.ts";
import { openDevice } from "../tensors/index.ts";
import { toEightBit } from "../voxels/index.ts";
import type { TrainingSettings } from "./settings.ts";
import { disposeTraining, startTraining } from "./state.ts";
import { ballSample } from "./testing/ballSample.ts";
import { type Prepared, train } from "./trainer.ts";

beforeAll(async () => {
  await openDevice("wasm", { threads: 1 });
});

const settings: TrainingSettings = {
  seed: 3,
  epochs: 1,
  accumulate: 1,
  clicks: 5,
  optimizer: "muon",
  groups: "hidden",
  learningRate: 0.01,
  halveAt: [],
  weightDecay: 0,
  clipNorm: 1,
  maxVoxels: 12_000,
  noBox: 0,
};

/** DSC after the box and each click, before each of `steps` updates on the one sample. */
async function dscOverSteps(sample: Sample, steps: number): Promise<(readonly (number | null)[])[]> {
  const chosen = { ...settings, epochs: steps };
  const state = startTraining(presets.tiny, chosen);
  const found: (readonly (number | null)[])[] = [];
  async function* again(): AsyncGenerator<Prepared> {
    for (let epoch = 0; epoch < steps; epoch++) yield { turn: { epoch, position: 0, row: 0 }, case: "one", sample };
  }
  for await (const event of train(state, chosen, again(), { count: 1, now: () => 0 })) {
    if (event.type === "step") found.push(event.records[0]!.dsc);
  }
  disposeTraining(state);
  return found;
}

test("a ball in noise is learnt by heart in 25 steps: DSC at least 0.95 after five clicks", {
  timeout: 300_000,
}, async () => {
  const dsc = await dscOverSteps(ballSample(), 25);
  expect(dsc[0]!.at(-1)!).toBeLessThan(0.5);
  expect(dsc.at(-1)!.at(-1)!).toBeGreaterThanOrEqual(0.95);
});

// The anterior hippocampus of a public MR case (Medical Segmentation Decathlon, CC BY-SA 4.0), 35 x 51 x 35 voxels.
const folder = ["samples", "MR", "MR_MSD-Hippocampus"];
const [image, labels] = ["images", "labels"].map((of) => sharedPath(...folder, of, "hippocampus_001.nii.gz"));

test.skipIf(missing(...folder).isMissing)(
  "a real case is learnt by heart in 70 steps",
  { timeout: 600_000 },
  async () => {
    const { volume } = await readImage(image!);
    const { labels: gts } = await readLabels(labels!);
    const imgs = { data: toEightBit(volume).grid.data, shape: volume.shape };
    const dsc = await dscOverSteps(validationSample({ imgs, gts }, 1, settings.maxVoxels), 70);
    expect(dsc.at(-1)!.at(-1)!).toBeGreaterThanOrEqual(0.95);
  },
);
