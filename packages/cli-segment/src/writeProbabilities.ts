import { UsageError } from "@ensam/core/command";
import { type ImageFile, npyArray, writeNifti, writeNpz } from "@ensam/core/files";
import { type Grid, voxelCount } from "@ensam/core/voxels";
import type { NamedObject } from "./placePrompts.ts";

/** The files that the probabilities of these objects go into. */
export function probabilityPaths(path: string, objects: readonly NamedObject[]): string[] {
  const match = /^(.*?)(\.nii\.gz|\.nii|\.npz)$/s.exec(path);
  if (match === null) throw new UsageError(`--probabilities ${path}: expected a name ending in .npz, .nii.gz or .nii`);
  const [, start, ending] = match;
  return ending === ".npz" || objects.length === 1 ? [path] : objects.map(({ label }) => `${start}-${label}${ending}`);
}

/** Writes each object's probability on the image's grid, one object in memory at a time but for .npz. Returns the files. */
export async function writeProbabilities(
  path: string,
  objects: readonly NamedObject[],
  { affine, volume, nifti }: ImageFile,
  probabilities: (label: number) => Grid<Float32Array>,
): Promise<string[]> {
  const paths = probabilityPaths(path, objects);
  if (path.endsWith(".npz")) {
    const voxels = voxelCount(volume.shape);
    const all = new Float32Array(objects.length * voxels);
    for (const [i, { label }] of objects.entries()) all.set(probabilities(label).data, i * voxels);
    await writeNpz(path, {
      probabilities: npyArray(all, [objects.length, ...volume.shape]),
      labels: npyArray(
        Int32Array.from(objects, ({ label }) => label),
        [objects.length],
      ),
      spacing: npyArray(Float64Array.from([...volume.spacing].reverse()), [3]),
    });
    return paths;
  }
  for (const [i, { label, name }] of objects.entries()) {
    const description = `ENSAM probability of ${name ?? `object ${label}`}`;
    await writeNifti(paths[i]!, probabilities(label), affine, { description, placement: nifti });
  }
  return paths;
}
