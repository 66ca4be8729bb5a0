import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { allTurns, turnAffine, turnZyx } from "../../geometry/index.ts";
import { placedAffines } from "../../geometry/testing/index.ts";
import { type LabelMap, turnGrid, voxelCount, type Zyx } from "../../voxels/index.ts";
import { readImage, writeMask, writeNifti } from "../index.ts";
import { pythonWith } from "../testing/python.ts";
import { missing, sharedPath } from "../testing/shared.ts";
import { temporaryFolder } from "../testing/temporaryFolder.ts";

/*
 * Whether a mask lies on its image as nibabel sees both: the same voxels in the same places. Each mask marks the voxels
 * over a threshold, so that a mask turned or mirrored cannot agree.
 */

const python = pythonWith("nibabel", "numpy");
const why = "skipped: no python3 with nibabel";

/** For each pair of image, mask and threshold: the largest difference of the affines, and how many voxels differ. */
const script = `
import sys, json, numpy as np, nibabel as nib
out = []
for image, mask, threshold in json.load(sys.stdin):
    i, m = nib.load(image), nib.load(mask)
    same = i.shape[:3] == m.shape
    a = np.asarray(i.dataobj).reshape(i.shape[:3]) > threshold
    out.append([float(np.abs(i.affine - m.affine).max()), int((a != (np.asarray(m.dataobj) > 0)).sum()) if same else -1])
print(json.dumps(out))`;

type Pair = readonly [image: string, mask: string, threshold: number];

/** Reads an image, marks what lies over a threshold, and writes the mask beside; checks that the mask is neither empty nor full. */
async function maskOver(image: string, mask: string): Promise<Pair> {
  const read = await readImage(image);
  const { data, shape } = read.volume;
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < data.length; i++) {
    if (data[i]! < min) min = data[i]!;
    if (data[i]! > max) max = data[i]!;
  }
  const threshold = min + 0.31831 * (max - min); // No value lies on it, whether it was scaled in float32 or float64.
  const labels: LabelMap = { data: Uint8Array.from(data, (value) => (value > threshold ? 1 : 0)), shape };
  let marked = 0;
  for (let i = 0; i < labels.data.length; i++) marked += labels.data[i]!;
  expect(marked > 0 && marked < data.length, image).toBe(true);
  await writeMask(mask, labels, [{ label: 1, name: "over" }], read);
  return [image, mask, threshold];
}

function expectOverlaid(pairs: readonly Pair[]): void {
  const found = python!(script, pairs) as [number, number][];
  expect(found.length).toBe(pairs.length);
  for (const [index, [apart, differing]] of found.entries()) {
    expect(differing, pairs[index]![0]).toBe(0);
    expect(apart, pairs[index]![0]).toBe(0); // The header's own fields, not numbers near them.
  }
}

test.skipIf(!python)(
  `masks of all 48 orders of axes, straight, oblique and sheared, overlay their images in nibabel (${why})`,
  async () => {
    const folder = temporaryFolder();
    const shape: Zyx = [3, 4, 5];
    const data = Int16Array.from({ length: voxelCount(shape) }, (_, i) => (i * 7919) % 211);
    const pairs: Pair[] = [];
    for (const [name, affine] of Object.entries(placedAffines)) {
      for (const [index, turn] of allTurns.entries()) {
        const image = join(folder, `${name}${index}.nii`);
        await writeNifti(image, turnGrid({ data, shape }, turn), turnAffine(turn, shape, affine));
        pairs.push(await maskOver(image, join(folder, `${name}${index}_mask.nii`)));
        expect((await readImage(image)).volume.shape).toEqual(turnZyx(turn, shape));
      }
    }
    expect(pairs.length).toBe(48 * 4);
    expectOverlaid(pairs);
  },
);

const { isMissing, reason } = missing("samples");

test.skipIf(isMissing || !python)(
  `masks of the sample in 14 orders, of sheared and of odd headers overlay them in nibabel (${reason}; ${why})`,
  async () => {
    const folder = temporaryFolder();
    const robust = sharedPath("samples", "robust");
    const orientations = readdirSync(join(robust, "orientations")).map((name) => join("orientations", name));
    const odd = [
      "made/negative_pixdim_qform.nii.gz",
      "made/nifti2_int32.nii",
      "made/big_endian_f4.nii",
      "made/one_slice.nii.gz",
    ];
    const sheared = readdirSync(join(robust, "nifti")).filter((name) => name.includes("shear"));
    expect([orientations.length, sheared.length > 0]).toEqual([14, true]);
    const pairs: Pair[] = [];
    for (const [index, name] of [...orientations, ...odd, ...sheared.map((file) => join("nifti", file))].entries()) {
      pairs.push(await maskOver(join(robust, name), join(folder, `mask${index}.nii.gz`)));
    }
    expectOverlaid(pairs);
  },
);
