import { join } from "node:path";
import { asLines, callCommand } from "@ensam/core/command/testing";
import { ontoSourceGrid, readChallengeCase, readLabels, readNpzGrid, writeNifti } from "@ensam/core/files";
import { type Affine, type AxisTurn, allTurns, turnAffine, voxelToWorld, type Zyx } from "@ensam/core/geometry";
import { type LabelMap, turnGrid } from "@ensam/core/voxels";
import { expect, test } from "vitest";
import { main } from "./main.ts";
import { emptyFolder } from "./testing/sources.ts";

const shape: Zyx = [2, 3, 4];
/** x to the left, y to the back, z up; 1 x 2 x 3 mm. */
const lps: Affine = [-1, 0, 0, 50, 0, -2, 0, 60, 0, 0, 3, -70, 0, 0, 0, 1];
const image = { data: Uint8Array.from({ length: 24 }, (_, i) => 10 * i), shape };
const labels = { data: Uint8Array.from({ length: 24 }, (_, i) => (i % 5 === 1 ? 7 : i % 7 === 1 ? 2 : 0)), shape };

async function preprocessed(imageTurn: AxisTurn, labelTurn: AxisTurn, labelAffine = lps, argv: readonly string[] = []) {
  const cwd = await emptyFolder();
  await writeNifti(join(cwd, "i.nii"), turnGrid(image, imageTurn), turnAffine(imageTurn, shape, lps));
  await writeNifti(join(cwd, "l.nii"), turnGrid(labels, labelTurn), turnAffine(labelTurn, shape, labelAffine));
  const row = { type: "source", case: "a", modality: "MR", dataset: "MR_Test", image: "i.nii", label: "l.nii" };
  const result = await callCommand(main, ["-o", "data", "--quiet", ...argv], { cwd, input: asLines([row]) });
  if (result.code !== 0) return { result, path: "" };
  const path = join(cwd, "data", "a.npz");
  return { result, path, npz: await readChallengeCase(path, ["imgs", "gts", "spacing"]) };
}

test("image and labels stored in unlike orders give one npz, and the turned label map is told of", async () => {
  // Every 7th order of the image with every 11th of the labels: 7 pairs from end to end; all 48 are tried on the parts.
  for (const [i, imageTurn] of allTurns.filter((_, index) => index % 7 === 0).entries()) {
    const labelTurn = allTurns[(11 * (i + 1)) % 48]!;
    const { result, npz } = await preprocessed(imageTurn, labelTurn);
    expect(npz).toMatchObject({ imgs: image, gts: labels, spacing: [3, 2, 1] });
    expect(result.rows[0]).toMatchObject({ shape, spacing: [3, 2, 1] });
    expect(result.error).toMatch(
      /a: the label map was turned from axes [RLAPSI]{3} to those of the image, [RLAPSI]{3}/,
    );
  }
});

test("the npz says where its voxels lie, and a label map made on it goes back to the image's own grid", async () => {
  for (const imageTurn of [allTurns[0]!, allTurns[13]!, allTurns[29]!, allTurns[47]!]) {
    for (const argv of [[], ["--labelled-slices"], ["--orientation", "stored"]]) {
      const { npz, path } = await preprocessed(imageTurn, allTurns[0]!, lps, argv);
      const place = await readNpzGrid(path);
      const { labels: back, affine } = ontoSourceGrid("p", npz!.gts!, place);
      expect(back).toEqual(turnGrid(labels, imageTurn));
      expect(affine.map((mm) => mm.toFixed(4))).toEqual(turnAffine(imageTurn, shape, lps).map((mm) => mm.toFixed(4)));
      // As a reader of the npz sees it, every labelled voxel lies where it did.
      const read = await readLabels(path);
      expect(placesOf(read.labels, read.affine)).toEqual(placesOf(labels, lps));
    }
  }
});

/** Where the labelled voxels of a map lie in mm, sorted. */
function placesOf(map: LabelMap, affine: Affine): string[] {
  const [, height, width] = map.shape;
  const places = Array.from(map.data).flatMap((label, i) => {
    const voxel: Zyx = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
    return label === 0 ? [] : [`${label} ${voxelToWorld(affine, voxel).map((mm) => mm.toFixed(3))}`];
  });
  return places.sort();
}

test("--orientation stored keeps the order of the image's file, and turns the labels onto that", async () => {
  // Axes (x, y, z) stored as (z, y, x), x backwards.
  const turn: AxisTurn = { order: [2, 1, 0], flips: [true, false, false] };
  const { npz } = await preprocessed(turn, allTurns[0]!, lps, ["--orientation", "stored"]);
  expect(npz).toMatchObject({ imgs: turnGrid(image, turn), gts: turnGrid(labels, turn), spacing: [1, 2, 3] });
});

test("a label map that lies elsewhere is refused, unless its header is to be ignored", async () => {
  const elsewhere = lps.with(3, 53);
  const { result } = await preprocessed(allTurns[0]!, allTurns[0]!, elsewhere);
  expect(result.code).not.toBe(0);
  expect(result.error).toContain("l.nii: expected the place of the image");
  const { npz } = await preprocessed(allTurns[0]!, allTurns[0]!, elsewhere, ["--label-header", "ignore"]);
  expect(npz!.gts).toEqual(labels);
});

test("what was told of a case is told again when it is up to date", async () => {
  const cwd = await emptyFolder();
  const turn = allTurns[5]!;
  await writeNifti(join(cwd, "i.nii"), image, lps);
  await writeNifti(join(cwd, "l.nii"), turnGrid(labels, turn), turnAffine(turn, shape, lps));
  const row = { type: "source", case: "a", modality: "MR", dataset: "MR_Test", image: "i.nii", label: "l.nii" };
  const run = () => callCommand(main, ["-o", "data", "--quiet"], { cwd, input: asLines([row]) });
  const [first, second] = [await run(), await run()];
  expect(first.error).toContain("the label map was turned");
  expect(second.error).toBe(first.error);
});
