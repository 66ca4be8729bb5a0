import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeChallengeFolder } from "../testing/challengeFolder.ts";
import { type PlannedCase, planStages, planTable } from "./plan.ts";
import { plannedCases } from "./plannedCases.ts";

test("a folder is planned without inflating its volumes; a file that is none is told", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ensam-plan-"));
  try {
    await makeChallengeFolder(folder, { broken: true });
    const training = await plannedCases(join(folder, "3D_train_npz_all"));
    expect(training.cases).toHaveLength(14);
    expect(training.cases.filter(({ isExcluded }) => isExcluded).map(({ dataset }) => dataset)).toEqual([
      "CT_Aorta",
      "CT_Aorta",
      "Microscopy_SELMA3D_vessel",
    ]);
    // Shapes are drawn from 10 to 13, 20 to 25 and 20 to 25.
    for (const { voxels } of training.cases) expect(4000 <= voxels && voxels <= 13 * 25 * 25).toBe(true);
    const truth = join(folder, "3D_val_gt/3D_val_gt_interactive");
    const validation = await plannedCases(join(folder, "3D_val_npz"), truth);
    expect(validation.cases.map(({ objects }) => objects)).toEqual([2, 2, 2, undefined, 2, 2]);
    expect(validation.notes).toEqual([expect.stringContaining("CT_AMOS_amos_0100.npz: expected a zip archive")]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the plan counts the coreset as it is chosen, and time by voxels", () => {
  const item = (dataset: string, voxels: number, more: Partial<PlannedCase> = {}): PlannedCase => {
    return { dataset, isExcluded: false, bytes: 100, voxels, ...more };
  };
  const training = [
    ...Array.from({ length: 10 }, () => item("A", 8e6)), // Pooled to 4,194,304 voxels for the model.
    ...Array.from({ length: 2 }, () => item("B", 8e6)),
    item("C", 8e6, { isExcluded: true }),
  ];
  const validation = [item("A", 2e6, { objects: 3 }), item("A", 2e6)];
  const stages = planStages(training, validation, "8");
  const stage = (name: string) => stages.find((found) => found.stage === name)!;
  expect(stage("coreset").cases).toBe(4 + 2); // A ceiling of 8 / 2; B has two.
  expect(planStages(training, validation, "70%")[1]!.cases).toBe(4 + 2); // Of the twelve that are not left out.
  expect(stage("train").seconds).toBeCloseTo(15 * 6 * 20.7 * 4.194304, 6);
  expect(stage("index").seconds).toBeCloseTo(0.03 * (13 * 8 + 2 * 2), 9);
  // The case without boxes counts as many objects as the others have.
  const model = 2 * 2 * (1.19 + 6 * 3 * 0.79);
  expect(stage("simulate").seconds).toBeCloseTo(model + 6 * 0.014 * 4, 9);
  const text = planTable(stages, 4);
  expect(text).toMatch(/^stage +cases +reads +writes +2 cores +4 shards of 2 cores +H200$/m);
  expect(text).toMatch(/^train +6 .* 2\.17 h +2\.17 h +73 s$/m);
});
