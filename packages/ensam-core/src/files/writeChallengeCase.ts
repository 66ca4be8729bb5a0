import type { Grid } from "../voxels/index.ts";
import type { ChallengeCase, SourceGrid, StoredClickKind } from "./challengeCase.ts";
import { FileError } from "./fileError.ts";
import { writeNpz } from "./npz.ts";
import type { NpyArray, NpyValue, ObjectArray, PickledValue } from "./pythonValues.ts";
import { npyArray } from "./writeNpy.ts";

/**
 * Writes a challenge .npz file of the fields that are there, atomically. The spacing is stored as x, y, z in float64:
 * `storedSpacing` if given, else `spacing` turned round. `clicks_order` is text, or objects where an entry is null, as
 * numpy would have it.
 */
export async function writeChallengeCase(path: string, content: ChallengeCase): Promise<void> {
  const members: Record<string, NpyValue | undefined> = {
    imgs: content.imgs && gridMember(content.imgs),
    gts: content.gts && gridMember(content.gts),
    spacing: spacingMember(content),
    affine: content.affine && npyArray(Float64Array.from(content.affine), [4, 4]),
    ...sourceMembers(content.source),
    boxes: content.boxes && objects(content.boxes.map((box) => ({ ...box }))),
    clicks: content.clicks && objects(content.clicks.map(({ fg, bg }) => ({ fg, bg }))),
    clicks_order: content.clicksOrder && orderMember(path, content.clicksOrder),
    prev_pred: content.prevPred && gridMember(content.prevPred),
    segs: content.segs && gridMember(content.segs),
    all_segs: content.allSegs && stackMember(path, content.allSegs),
    text_prompts: content.textPrompts && { dtype: "|O", shape: [], objects: [content.textPrompts] },
  };
  const present = Object.entries(members).filter((entry): entry is [string, NpyValue] => entry[1] !== undefined);
  await writeNpz(path, Object.fromEntries(present));
}

function gridMember({ data, shape }: Grid): NpyArray {
  return npyArray(data, shape);
}

function spacingMember({ spacing, storedSpacing }: ChallengeCase): NpyArray | undefined {
  const xyz = storedSpacing ?? (spacing && [...spacing].reverse());
  return xyz && npyArray(Float64Array.from(xyz), [3]);
}

function sourceMembers(source: SourceGrid | undefined): Record<string, NpyArray | undefined> {
  if (source === undefined) return {};
  const { affine, shape, turn, slices } = source;
  return {
    source_affine: npyArray(Float64Array.from(affine), [4, 4]),
    source_shape: npyArray(Int32Array.from(shape), [3]),
    source_turn: npyArray(Int32Array.from([...turn.order, ...turn.flips.map(Number)]), [6]),
    source_slices: slices && npyArray(Int32Array.from(slices), [slices.length]),
  };
}

function objects(items: readonly PickledValue[]): ObjectArray {
  return { dtype: "|O", shape: [items.length], objects: items };
}

function orderMember(path: string, order: readonly (readonly StoredClickKind[])[]): NpyValue {
  const shape = [order.length, order[0]?.length ?? 0];
  if (order.some((entries) => entries.length !== shape[1])) {
    throw new FileError(
      `${path}: clicks_order`,
      "equally many clicks for each object",
      `${order.map((entries) => entries.length)}`,
    );
  }
  const entries = order.flat();
  const text = entries.filter((entry) => entry !== null);
  return text.length === entries.length ? { dtype: "<U2", shape, text } : { dtype: "|O", shape, objects: entries };
}

function stackMember(path: string, stack: readonly Grid[]): NpyArray | undefined {
  const first = stack[0];
  if (!first) return undefined;
  const odd = stack.find(({ shape }) => shape.join() !== first.shape.join());
  if (odd) throw new FileError(`${path}: all_segs`, `label maps of shape [${first.shape}]`, `[${odd.shape}]`);
  const largest = stack.reduce(
    (widest, { data }) => (data.BYTES_PER_ELEMENT > widest.BYTES_PER_ELEMENT ? data : widest),
    first.data,
  );
  const data = new (largest.constructor as typeof Int32Array)(stack.length * first.data.length);
  for (const [index, label] of stack.entries()) data.set(label.data, index * first.data.length);
  return npyArray(data, [stack.length, ...first.shape]);
}
