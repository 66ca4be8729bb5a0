import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callCommand } from "@ensam/core/command/testing";
import { ontoSourceGrid, readLabels, type SourceGrid, writeChallengeCase, writeNifti } from "@ensam/core/files";
import { type Affine, turnAffine, turnToLps, turnZyx, voxelToWorld } from "@ensam/core/geometry";
import { type LabelMap, turnGrid, type Zyx } from "@ensam/core/voxels";
import { afterAll, beforeAll, expect, test } from "vitest";
import { main } from "./main.ts";

const shape: Zyx = [3, 4, 5];
/** A sheared grid whose x runs up, y to the right, z to the front. */
const affine: Affine = [0, 1, 0.2, -8, 0, 0, 3, -12, 2, 0, 0, 100, 0, 0, 0, 1];
const turn = turnToLps(affine);
const labels: LabelMap = {
  data: Uint8Array.from({ length: 60 }, (_, i) => (i % 7 === 0 ? 2 : i % 11 === 0 ? 5 : 0)),
  shape,
};
const turned = turnGrid<LabelMap["data"]>(labels, turn);
const source: SourceGrid = { affine, shape, turn };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-convert-"));
  const place = { affine: turnAffine(turn, shape, affine), source };
  const imgs = { data: new Uint8Array(60), shape: turned.shape };
  await writeChallengeCase(join(folder, "data/a.npz"), { imgs, gts: turned, spacing: [2, 3, 1], ...place });
  await writeChallengeCase(join(folder, "out/a.npz"), { segs: turned });
  await writeNifti(join(folder, "image.nii"), { data: new Int16Array(60), shape }, affine);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const convert = (...argv: string[]) => callCommand(main, argv, { cwd: folder });

test("a prediction comes back on the grid of the image that was preprocessed, with names", async () => {
  const row = {
    type: "prediction",
    case: "a",
    modality: "CT",
    dataset: "d",
    npz: "data/a.npz",
    shape: turned.shape,
    spacing: [2, 3, 1],
    labels: { 2: { voxels: 9, name: "liver" }, 5: { voxels: 5 } },
    model: "m",
    prediction: "out/a.npz",
    truth: "data/a.npz",
    seconds: [1],
    hasBox: false,
    clicks: {},
  };
  const result = await callCommand(main, ["-o", "masks"], { cwd: folder, input: `${JSON.stringify(row)}\n` });
  expect(result.code).toBe(0);
  const path = join(folder, "masks/a.nii.gz");
  expect(result.rows).toEqual([{ type: "labelmap", case: "a", dataset: "d", label: path, labels: { 2: "liver" } }]);
  const mask = await readLabels(path);
  expect([...mask.labels.data]).toEqual([...labels.data]);
  expect(mask.names).toEqual({ 2: "liver" });
  for (const [at, value] of mask.affine.entries()) expect(value).toBeCloseTo(affine[at]!, 5);
});

test("npz files take their place from --inputs, in every format; --grid npz keeps the turned grid", async () => {
  for (const format of ["nrrd", "seg.nrrd", "npz"]) {
    expect((await convert("out/a.npz", "--inputs", "data", "-o", "m", "--format", format)).code).toBe(0);
    const mask = await readLabels(join(folder, `m/a.${format}`));
    expect([...mask.labels.data]).toEqual([...labels.data]);
    for (const [at, value] of mask.affine.entries()) expect(value).toBeCloseTo(affine[at]!, 5);
  }
  expect((await convert("out/a.npz", "--inputs", "data", "-o", "t", "--grid", "npz")).code).toBe(0);
  const mask = await readLabels(join(folder, "t/a.nii.gz"));
  expect([...mask.labels.data]).toEqual([...turned.data]);
  // The same voxel lies in the same place.
  const corner = turned.shape.map((length) => length - 1) as unknown as Zyx;
  const [there, here] = [voxelToWorld(mask.affine, corner), voxelToWorld(turnAffine(turn, shape, affine), corner)];
  for (const axis of [0, 1, 2]) expect(there[axis]).toBeCloseTo(here[axis]!, 4);
});

test("without a place the mask is warned about; the image can give it; one of another grid is refused", async () => {
  const bare = await convert("out/a.npz", "-o", "bare");
  expect([bare.code, bare.error.includes("states no orientation")]).toEqual([0, true]);
  const image = await convert(
    "out/a.npz",
    "--inputs",
    "data",
    "--image",
    "image.nii",
    "-o",
    "withImage",
    "--per-object",
  );
  expect(image.code).toBe(0);
  expect(existsSync(join(folder, "withImage/a_5.nii.gz"))).toBe(true);
  const wrong = await convert("out/a.npz", "--inputs", "data", "--image", "image.nii", "-o", "w", "--grid", "npz");
  expect([wrong.code, wrong.error]).toEqual([3, expect.stringMatching(/expected the grid that .*, got another, \[/)]);
  const others = {
    "its axes turned or reversed": [0, 1, 0.2, -8, 0, 0, 3, -12, -2, 0, 0, 108, 0, 0, 0, 1],
    "up to 1.0 voxels beside it": [0, 1, 0.2, -7, 0, 0, 3, -12, 2, 0, 0, 100, 0, 0, 0, 1],
  } as unknown as Record<string, Affine>;
  for (const [words, other] of Object.entries(others)) {
    await writeNifti(join(folder, "other.nii"), { data: new Int16Array(60), shape }, other);
    const refused = await convert("out/a.npz", "--inputs", "data", "--image", "other.nii", "-o", "w");
    expect([refused.code, refused.error]).toEqual([3, expect.stringContaining(words)]);
  }
  expect(existsSync(join(folder, "w"))).toBe(false); // Where nothing is written, no empty folder stays.
  expect((await convert("out/a.npz", "--inputs", "data", "-o", "d", "--format", "dcm")).error).toMatch(
    /--image names it/,
  );
  const again = await convert("out/a.npz", "-o", "bare");
  expect([again.code, /expected no file yet/.test(again.error)]).toEqual([3, true]);
});

test("slices that were left out are background; labels that do not fit are refused", () => {
  const full = turnZyx(turn, shape);
  const slices = [0, 2];
  const size = full[1] * full[2];
  const kept = {
    data: Uint8Array.from({ length: 2 * size }, (_, i) => 1 + (i % 3)),
    shape: [2, full[1], full[2]] as Zyx,
  };
  const grid = { path: "g", affine, hasDirections: true, source: { ...source, slices } };
  const back = turnGrid<LabelMap["data"]>(ontoSourceGrid("m", kept, grid).labels, turn);
  const slice = (z: number) => [...back.data.subarray(z * size, (z + 1) * size)];
  expect([slice(0), slice(2)]).toEqual([[...kept.data.subarray(0, size)], [...kept.data.subarray(size)]]);
  expect(slice(1).some(Boolean)).toBe(false);
  expect(() => ontoSourceGrid("m", turned, grid)).toThrow(/m: expected labels of shape/);
});
