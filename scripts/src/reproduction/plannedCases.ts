import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { modalities } from "@ensam/core/command";
import { listNpzFiles, readNpz } from "@ensam/core/files";
import type { PlannedCase } from "./plan.ts";

/** An npy header; the rest of the member are the voxels, one byte each. */
const headerBytes = 128;

/**
 * Looks at every npz file of a folder without inflating its volume.
 *
 * @param truth  folder with the truth, whose files count as read, too
 * @returns the cases, and a sentence for each file that cannot be read
 */
export async function plannedCases(folder: string, truth?: string): Promise<{ cases: PlannedCase[]; notes: string[] }> {
  const cases: PlannedCase[] = [];
  const { files, notes: links } = await listNpzFiles(folder);
  const notes = [...links];
  for (const path of files) {
    try {
      cases.push(await plannedCase(path, truth));
    } catch (error) {
      notes.push(`left out: ${(error as Error).message}`);
    }
  }
  return { cases, notes };
}

async function plannedCase(path: string, truth: string | undefined): Promise<PlannedCase> {
  const archive = await readNpz(path);
  const bytes = archive.bytes("imgs");
  if (bytes === undefined) throw new Error(`${path}: expected imgs, got ${archive.keys().join(", ")}`);
  const boxes = archive.has("boxes") ? archive.get("boxes") : undefined;
  const dataset = datasetOf(path);
  const beside = truth === undefined ? undefined : await stat(join(truth, basename(path))).catch(() => undefined);
  return {
    dataset,
    isExcluded: dataset === "CT_Aorta" || dataset.startsWith("Microscopy"),
    bytes: (await stat(path)).size + (beside?.size ?? 0),
    voxels: Math.max(0, bytes - headerBytes),
    ...(boxes !== undefined && { objects: boxes.shape[0] ?? 0 }),
  };
}

/** The folder's name in the download's MODALITY/DATASET/, else the start of the file's. */
function datasetOf(path: string): string {
  const above = basename(dirname(dirname(path))).toLowerCase();
  const spelled = [...modalities.map((name) => name.toLowerCase()), "mri", "us3d"];
  return spelled.includes(above) ? basename(dirname(path)) : basename(path, ".npz").split("_").slice(0, 2).join("_");
}
