import { type Affine, inverseTurn, sameZyx, turnZyx, voxelCount } from "../geometry/index.ts";
import { type LabelMap, turnGrid, zerosLike } from "../voxels/index.ts";
import { challengeCaseOf, type SourceGrid } from "./challengeCase.ts";
import { FileError } from "./fileError.ts";
import { readNpz } from "./npz.ts";
import { npzPlacement } from "./readNpzImage.ts";

/** Where the arrays of an npz lie, and on which grid the image file lay that they were made from. */
export interface NpzGrid {
  readonly path: string;
  readonly affine: Affine;
  /** Whether the npz says where its axes run; without, the affine is an assumption. */
  readonly hasDirections: boolean;
  readonly source?: SourceGrid | undefined;
}

/** Reads what an npz says about its grid; no voxel is read. */
export async function readNpzGrid(path: string): Promise<NpzGrid> {
  const archive = await readNpz(path);
  const { affine, hasDirections } = npzPlacement(archive);
  const source = archive.has("source_affine") ? challengeCaseOf(archive, ["source_affine"]).source : undefined;
  return { path, affine, hasDirections, source };
}

/**
 * A label map of an npz on the grid of the image file that the npz was made from: slices that were left out are
 * background, axes are turned back. Without a source the grid stays the npz's. A FileError where the shapes do not fit.
 */
export function ontoSourceGrid(
  where: string,
  labels: LabelMap,
  { path, affine, source }: NpzGrid,
): { readonly labels: LabelMap; readonly affine: Affine } {
  if (source === undefined) return { labels, affine };
  const { shape, turn, slices } = source;
  const full = turnZyx(turn, shape);
  const depth = slices?.length ?? full[0];
  const fits = !slices?.some((slice) => slice >= full[0]) && sameZyx(labels.shape, [depth, full[1], full[2]]);
  if (!fits)
    throw new FileError(where, `labels of shape [${[depth, full[1], full[2]]}], as ${path} says`, `[${labels.shape}]`);
  const whole = slices === undefined ? labels : spread(labels, slices, full);
  return { labels: turnGrid<LabelMap["data"]>(whole, inverseTurn(turn)), affine: source.affine };
}

function spread({ data }: LabelMap, slices: readonly number[], shape: LabelMap["shape"]): LabelMap {
  const whole = zerosLike(data, voxelCount(shape));
  const size = shape[1] * shape[2];
  for (const [index, slice] of slices.entries())
    whole.set(data.subarray(index * size, (index + 1) * size), slice * size);
  return { data: whole, shape };
}
