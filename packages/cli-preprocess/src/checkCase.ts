import { createHash } from "node:crypto";
import { type CheckRow, describeError, type ReadRow } from "@ensam/core/command";
import { alignLabels, type ImageFile, readImage, readLabels } from "@ensam/core/files";
import { type Grid, type LabelMap, labelBoxes } from "@ensam/core/voxels";
import { rulesOf, sourceOf } from "./makeCase.ts";
import type { PreprocessOptions } from "./options.ts";

export type Problem = CheckRow["problems"][number];

/** A source to check: plain data, which a thread can be given. */
export interface CheckTask extends Pick<ReadRow<"source">, "row" | "origin"> {
  readonly options: PreprocessOptions;
}

/** What one case says of itself, and what it takes to compare it with the others. */
export interface CheckedCase {
  readonly problems: readonly Problem[];
  readonly shape?: [number, number, number];
  /** mm along z, y, x of the stored grid. */
  readonly spacing?: [number, number, number];
  /** null where the file states no orientation. */
  readonly axes?: string | null;
  readonly labels?: Readonly<Record<string, { voxels: number; name?: string }>>;
  /** SHA-256 of shape and values. */
  readonly imageDigest?: string;
  readonly labelDigest?: string;
}

/** From here on the 8-bit label maps of the challenge's programs wrap. */
const largestByte = 255;
const mostListed = 5;

/** Reads a case and finds what is wrong with it alone. What cannot be read is a problem, not an error. */
export async function checkCase({ row, origin, options }: CheckTask): Promise<CheckedCase> {
  const { imagePath, labelPath } = sourceOf({ row, origin });
  const rules = rulesOf(options, row);
  let image: ImageFile;
  try {
    image = await readImage(imagePath, {
      key: row.image_key,
      volume: rules.volume,
      channel: rules.channel,
      dicom: rules.dicom,
    });
  } catch (error) {
    return { problems: [{ kind: "unreadable", text: `image: ${describeError(error)}` }] };
  }
  const { volume, stored, doubts } = image;
  const { range, problems } = valueProblems(volume, doubts);
  const facts = {
    shape: [...volume.shape] as [number, number, number],
    spacing: [...volume.spacing] as [number, number, number],
    axes: stored.hasDirections ? stored.axes : null,
    imageDigest: digestOf(volume),
  };
  if (labelPath === undefined) return { ...facts, problems: [...problems, { kind: "no-label", text: "no label map" }] };
  try {
    const file = await readLabels(labelPath, { key: row.label_key, volume: rules.volume });
    const stated = { shape: volume.shape, affine: image.affine, hasDirections: stored.hasDirections };
    const found = { ...file, hasDirections: file.stored.hasDirections };
    const { labels, warnings } = alignLabels(labelPath, stated, found, { ignoreHeader: rules.ignoreLabelHeader });
    const names = row.labels ?? file.names;
    return {
      ...facts,
      labels: countsOf(labels, names),
      labelDigest: digestOf(labels),
      problems: [
        ...problems,
        ...warnings.map((text) => ({ kind: "grid", text })),
        ...labelProblems(labels, names, volume, range),
      ],
    };
  } catch (error) {
    const text = describeError(error);
    const kind = /expected (the image's shape|the place of the image|voxels where|labelled voxels inside)/.test(text);
    return { ...facts, problems: [...problems, { kind: kind ? "grid" : "unreadable", text: `label map: ${text}` }] };
  }
}

function valueProblems({ data }: Grid, doubts: readonly string[]): { range: number; problems: Problem[] } {
  let [min, max, odd] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value - value !== 0)
      odd += 1; // NaN and infinities only.
    else if (value < min) min = value;
    if (value > max && value - value === 0) max = value;
  }
  const problems: Problem[] = doubts.map((text) => ({ kind: "guessed", text }));
  if (odd > 0) problems.push({ kind: "not-finite", text: `${odd} voxels are NaN or infinite` });
  if (!(max > min)) problems.push({ kind: "constant", text: "every voxel of the image is the same" });
  return { range: max - min, problems };
}

function labelProblems(
  labels: LabelMap,
  names: Readonly<Record<string, string>>,
  image: Grid,
  range: number,
): Problem[] {
  const found = [...labelBoxes(labels)];
  if (found.length === 0) return [{ kind: "empty", text: "the label map is all background" }];
  const problems: Problem[] = [];
  const add = (kind: string, which: readonly number[], text: (listed: string) => string): void => {
    if (which.length === 0) return;
    const more = which.length > mostListed ? ` and ${which.length - mostListed} more` : "";
    problems.push({ kind, text: text(which.slice(0, mostListed).join(", ") + more) });
  };
  const there = new Set(found.map(([label]) => label));
  const numbers = Object.keys(names).map(Number);
  add(
    "one-voxel",
    found.filter(([, { voxels }]) => voxels === 1).map(([label]) => label),
    (list) => `objects of one voxel: ${list}`,
  );
  add(
    "no-voxel",
    numbers.filter((label) => label !== 0 && !there.has(label)),
    (list) => `labels named but without a voxel: ${list}`,
  );
  if (numbers.length > 0) {
    const unnamed = [...there].filter((label) => names[String(label)] === undefined);
    add("no-name", unnamed, (list) => `labels without a name where others have one: ${list}`);
  }
  add(
    "overflow",
    [...there].filter((label) => label > largestByte),
    (list) => `labels over ${largestByte}, which wrap in 8-bit label maps such as the challenge's: ${list}`,
  );
  const labelled = found.reduce((sum, [, { voxels }]) => sum + voxels, 0);
  if (labelled === labels.data.length)
    problems.push({ kind: "no-background", text: "no voxel is background: is this a label map?" });
  if (range > 0)
    add(
      "touches-nothing",
      flatLabels(labels, image),
      (list) => `labels that lie where the image has one value only: ${list}`,
    );
  return problems;
}

/** Labels of two voxels or more under which the image does not change: they lie in air, padding or beside the body. */
function flatLabels({ data }: LabelMap, image: Grid): number[] {
  const seen = new Map<number, { value: number; voxels: number; isFlat: boolean }>();
  let [last, entry] = [0, undefined as { value: number; voxels: number; isFlat: boolean } | undefined];
  for (let i = 0; i < data.length; i++) {
    const label = data[i]!;
    if (label === 0) continue;
    if (label !== last || entry === undefined) {
      last = label;
      entry = seen.get(label);
      if (entry === undefined) {
        entry = { value: image.data[i]!, voxels: 0, isFlat: true };
        seen.set(label, entry);
      }
    }
    entry.voxels += 1;
    if (image.data[i] !== entry.value) entry.isFlat = false;
  }
  return [...seen].filter(([, { isFlat, voxels }]) => isFlat && voxels > 1).map(([label]) => label);
}

function countsOf(labels: LabelMap, names: Readonly<Record<string, string>>): CheckedCase["labels"] {
  return Object.fromEntries(
    [...labelBoxes(labels)].map(([label, { voxels }]) => {
      const name = names[String(label)];
      return [String(label), { voxels, ...(name && { name }) }];
    }),
  );
}

/** Of shape, number type and values. */
function digestOf({ data, shape }: Grid): string {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return createHash("sha256").update(`${shape} ${data.constructor.name}`).update(bytes).digest("hex");
}
