import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "@ensam/core/command";
import {
  alignLabels,
  type ImageFile,
  type MaskObject,
  maskProblem,
  readLabelNames,
  readLabels,
  writeMask,
} from "@ensam/core/files";
import { labelRunsOf, largestLabel, type ObjectReport, type SessionEvent } from "@ensam/core/session";
import type { Grid } from "@ensam/core/voxels";
import { objectColour } from "./objectColour.ts";

/** Endings of the label maps that the image can have, the usual one first. */
export function labelFormats(image: ImageFile): string[] {
  const endings = ["nii.gz", "seg.nrrd", "nrrd", "nii", "npz", "dcm"];
  return endings.filter((ending) => maskProblem(`labels.${ending}`, image) === undefined);
}

/**
 * Writes a label map on the image's grid in the format that its name says, with the objects' names and colours where it
 * has room.
 */
export async function writeLabels(
  path: string,
  labels: Grid<Uint8Array>,
  objects: readonly NamedLabel[],
  image: ImageFile,
): Promise<void> {
  await writeMask(path, labels, objects.map(maskObjectOf), image);
}

type NamedLabel = Pick<ObjectReport, "label" | "name" | "colour">;

function maskObjectOf({ label, name, colour }: NamedLabel): MaskObject {
  const [red, green, blue] = [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16));
  return { label, name, colour: [red!, green!, blue!] };
}

/** The same as bytes, for a download. */
export async function labelBytes(
  name: string,
  labels: Grid<Uint8Array>,
  objects: readonly NamedLabel[],
  image: ImageFile,
): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "ensam-export-"));
  try {
    await writeLabels(join(folder, name), labels, objects, image);
    return await readFile(join(folder, name));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The events that make objects of a label map's labels: an object and its mask for each that is not taken yet. */
export async function startEvents(
  path: string,
  image: ImageFile,
  taken: ReadonlySet<number>,
): Promise<{ readonly events: readonly SessionEvent[]; readonly notes: readonly string[] }> {
  const found = await readLabels(path);
  const stated = { shape: image.volume.shape, affine: image.affine, hasDirections: image.stored.hasDirections };
  const stored = { labels: found.labels, affine: found.affine, hasDirections: found.stored.hasDirections };
  const { labels, warnings } = alignLabels(path, stated, stored);
  const runs = labelRunsOf(labels.data);
  const sorted = [...runs.keys()].sort((a, b) => a - b);
  if (sorted.length === 0) throw new InputError(`${path}: expected a label map with an object, got background only`);
  const tooLarge = sorted.find((label) => label > largestLabel);
  if (tooLarge !== undefined) {
    throw new InputError(`${path}: expected labels up to ${largestLabel}, got ${tooLarge}`);
  }
  const clash = sorted.find((label) => taken.has(label));
  if (clash !== undefined) throw new InputError(`${path}: expected labels that no object has yet, got ${clash}`);
  const names = await readLabelNames(path);
  const events = sorted.flatMap((label): SessionEvent[] => [
    { type: "object", label, name: names[String(label)] ?? `object ${label}`, colour: objectColour(label) },
    { type: "mask", label, runs: runs.get(label)! },
  ]);
  return { events, notes: [...found.notes, ...warnings] };
}
