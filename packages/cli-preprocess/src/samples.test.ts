import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { callCommand } from "@ensam/core/command/testing";
import { missing, sharedPath } from "@ensam/core/files/testing";
import { expect, test } from "vitest";
import { main } from "./main.ts";
import { emptyFolder } from "./testing/sources.ts";

const samples = sharedPath("samples");
const { isMissing } = missing("samples");

test.skipIf(isMissing)("real volumes of all modalities keep their shapes, spacings and label counts", async () => {
  const cwd = await emptyFolder();
  const { rows } = await callCommand(
    main,
    [join(samples, "cases.ndjson"), "-o", "data", "-j", "2", "--quiet", "--orientation", "stored"],
    {
      cwd,
    },
  );
  const expected = new Map(linesOf("expected.ndjson").map((row) => [row.case, row]));
  const cases = rows.filter((row) => row.type === "case");
  for (const row of cases) {
    const { shape_zyx, spacing_xyz, label_voxels } = expected.get(row.case)!;
    expect(row.shape).toEqual(shape_zyx);
    const spacing = row.spacing as number[];
    for (const [axis, mm] of ((spacing_xyz as number[] | null) ?? [1, 1, 1]).toReversed().entries())
      expect(spacing[axis]).toBeCloseTo(mm, 4);
    const counts = Object.entries(row.labels as Record<string, { voxels: number }>).map(([k, v]) => [k, v.voxels]);
    const { "0": _, ...labelled } = label_voxels as Record<string, number>;
    expect(Object.fromEntries(counts)).toEqual(labelled);
  }
  expect(new Set(cases.map((row) => row.modality))).toEqual(new Set(["CT", "MR", "PET", "US", "Microscopy"]));
  const failed = rows.filter((row) => row.type === "failure").map((row) => String(row.error));
  expect(failed).toEqual([]);
  await rm(cwd, { recursive: true });
});

function linesOf(name: string): Record<string, unknown>[] {
  const lines = readFileSync(join(samples, name), "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
