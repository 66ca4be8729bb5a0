import { readFile } from "node:fs/promises";
import { writeFileAtomically } from "../writeFileAtomically.ts";
import { colourOf, type LabelNames, type MaskObject, namesOf } from "./maskObject.ts";

/** `mask.nii.gz` has its names in `mask.labels.json`. */
export function sidecarPathOf(path: string): string {
  return `${path.replace(/\.(nii\.gz|nii|seg\.nrrd|nrrd|npz|dcm)$/, "")}.labels.json`;
}

/** Writes {"labels": {"3": "liver"}, "colours": {"3": [r, g, b]}} beside a mask. */
export async function writeSidecar(path: string, objects: readonly MaskObject[]): Promise<void> {
  const colours = Object.fromEntries(objects.map((object) => [String(object.label), colourOf(object)]));
  const text = `${JSON.stringify({ labels: namesOf(objects), colours }, undefined, 1)}\n`;
  await writeFileAtomically(path, Buffer.from(text, "utf8"));
}

/** The names beside a label map; none where there is no such file or it holds something else. */
export async function readSidecarNames(path: string): Promise<LabelNames> {
  try {
    const { labels } = JSON.parse(await readFile(sidecarPathOf(path), "utf8")) as { labels?: unknown };
    const entries = Object.entries(labels as Record<string, unknown>);
    return Object.fromEntries(
      entries.filter((entry): entry is [string, string] => /^[1-9]\d*$/.test(entry[0]) && typeof entry[1] === "string"),
    );
  } catch {
    return {};
  }
}
