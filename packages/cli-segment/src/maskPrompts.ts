import { InputError } from "@ensam/core/command";
import { alignLabels, type ImageFile, readLabels } from "@ensam/core/files";
import { deepestPoint } from "@ensam/core/prompts";
import { type LabelMap, labelBoxes, maskOf, maskRuns } from "@ensam/core/voxels";
import type { RawPoint, RawPrompt } from "./rawPrompts.ts";

/** A label map that the user has, on the image's grid; `warn` hears of what was changed or taken on trust. */
export async function readMask(
  flag: string,
  path: string,
  { volume, affine, stored }: ImageFile,
  warn: (sentence: string) => void,
): Promise<LabelMap> {
  const file = await readLabels(path);
  const image = { shape: volume.shape, affine, hasDirections: stored.hasDirections };
  const from = { labels: file.labels, affine: file.affine, hasDirections: file.stored.hasDirections };
  const { labels, warnings } = aligned(path, image, from);
  for (const sentence of warnings) warn(`${flag} ${path}: ${sentence}`);
  if (labels.data.every((value: number) => value === 0)) {
    throw new InputError(`${flag} ${path}: expected a label map with objects, got one that is all 0`);
  }
  return labels;
}

/** The box around each label as a prompt for the object of that number. */
export function boxesOf(path: string, labels: LabelMap): RawPrompt[] {
  return [...labelBoxes(labels)].map(([label, { box }]) => {
    const last: RawPoint = [box.max[0] - 1, box.max[1] - 1, box.max[2] - 1];
    const prompt = { kind: "box", corners: [box.min, last] } as const;
    return { where: `--box-from ${path}: label ${label}`, object: String(label), space: "voxel", prompt };
  });
}

/** A click in the depth of each label's largest piece, by the challenge's rule. */
export function clicksOf(path: string, labels: LabelMap): RawPrompt[] {
  return [...labelBoxes(labels)].map(([label, { box }]) => {
    const [z, y, x] = deepestPoint(maskRuns(maskOf(labels, label, box)));
    const at: RawPoint = [z + box.min[0], y + box.min[1], x + box.min[2]];
    const prompt = { kind: "click", at, foreground: true } as const;
    return { where: `--click-from ${path}: label ${label}`, object: String(label), space: "voxel", prompt };
  });
}

/** The error of another command's flag would lead nowhere here. */
function aligned(
  path: string,
  ...grids: Parameters<typeof alignLabels> extends [string, ...infer Rest] ? Rest : never
) {
  try {
    return alignLabels(path, ...grids);
  } catch (error) {
    throw new InputError((error as Error).message.replace(/ \(--label-header [^)]*\)/, ""), { cause: error });
  }
}
