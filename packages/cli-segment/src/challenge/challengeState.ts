import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { npyArray, readNpz, writeNpz } from "@ensam/core/files";
import { type Box, frameOf, type PromptedObject } from "@ensam/core/geometry";
import type { StatedObject } from "@ensam/core/inference";
import { type Grid, type LabelMap, voxelCount } from "@ensam/core/voxels";

/** What a state belongs to: another model, image or size of crop makes it worthless. */
export interface StateOwner {
  /** SHA-256 of the model's file and the options that change its answers. */
  readonly model: string;
  readonly image: Grid<Uint8Array>;
  readonly maxVoxels: number;
  /** Of the model's grids, where it is not 8. */
  readonly multiple?: number | undefined;
}

/** Keeps what a volume knows after a call, and what it answered. */
export async function writeState(
  path: string,
  owner: StateOwner,
  state: readonly StatedObject[],
  answer: LabelMap,
): Promise<void> {
  const about = {
    ...digests(owner),
    answer: digestOf(answer),
    objects: state.map(({ prompts, crop }) => ({ prompts, crop })),
  };
  const text = new TextEncoder().encode(JSON.stringify(about));
  const logits = state.map(
    ({ prompts, logits }) => [`logits_${prompts.label}`, npyArray(logits, [logits.length])] as const,
  );
  await writeNpz(path, { about: npyArray(text, [text.length]), ...Object.fromEntries(logits) });
}

/**
 * The state that a call goes on from: of the same model and image, of the answer that the call names as previous, with
 * prompts that the call's begin with. Undefined where it is gone, damaged or of another run.
 */
export async function readState(
  path: string,
  owner: StateOwner,
  objects: readonly PromptedObject[],
  previous: LabelMap | undefined,
): Promise<StatedObject[] | undefined> {
  if (!(await stat(path).catch(() => undefined))?.isFile()) return undefined;
  try {
    const archive = await readNpz(path);
    const bytes = Uint8Array.from(archive.numbers("about").data);
    const about = JSON.parse(new TextDecoder().decode(bytes)) as {
      model: string;
      image: string;
      answer: string;
      objects: { prompts: PromptedObject; crop: Box }[];
    };
    const { model, image } = digests(owner);
    const isOurs = about.model === model && about.image === image;
    const isLast = previous !== undefined && about.answer === digestOf(previous);
    const before = about.objects.map(({ prompts }) => prompts);
    if (!isOurs || !isLast || !continues(before, objects)) return undefined;
    const framing = owner.multiple ? { multiple: owner.multiple } : {};
    return about.objects.map(({ prompts, crop }) => {
      const { shape } = frameOf(owner.image.shape, crop, owner.maxVoxels, framing);
      const { data } = archive.numbers(`logits_${prompts.label}`);
      if (!(data instanceof Float32Array) || data.length !== voxelCount(shape)) throw new Error("another size");
      return { prompts, crop, logits: data };
    });
  } catch {
    return undefined; // A state is worth what it saves; the previous prediction stands in for it.
  }
}

/** Whether these are the same objects, each with its box and, first of all, its clicks. */
function continues(before: readonly PromptedObject[], now: readonly PromptedObject[]): boolean {
  return (
    before.length === now.length &&
    before.every(({ label, box, clicks }, index) => {
      const object = now[index]!;
      const first = object.clicks.slice(0, clicks.length);
      return JSON.stringify([label, box, clicks]) === JSON.stringify([object.label, object.box, first]);
    })
  );
}

function digests({ model, image, maxVoxels }: StateOwner): { model: string; image: string } {
  return { model: `${model} ${maxVoxels}`, image: digestOf(image) };
}

/** Of shape and values, as bytes: labels over 255 wrap, as the evaluator hands them back. */
function digestOf({ data, shape }: Grid): string {
  const bytes = data instanceof Uint8Array ? data : Uint8Array.from(data, (value) => value & 0xff);
  return createHash("sha256").update(shape.join()).update(bytes).digest("hex");
}
