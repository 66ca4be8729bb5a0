import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callCommand } from "@ensam/core/command/testing";
import { readLabels, writeNifti, writeSafetensors } from "@ensam/core/files";
import {
  type Affine,
  allTurns,
  inverseTurn,
  mapPrompts,
  type PromptedObject,
  turnAffine,
  turnBox,
  turnToLps,
  turnVoxel,
  turnZyx,
  voxelToWorld,
  type Zyx,
} from "@ensam/core/geometry";
import { placedAffines } from "@ensam/core/geometry/testing";
import { loadModel } from "@ensam/core/inference";
import { minuteConfig, minuteModel } from "@ensam/core/inference/testing";
import { openDevice } from "@ensam/core/tensors";
import { turnGrid } from "@ensam/core/voxels";
import { afterAll, beforeAll, expect, test } from "vitest";
import { main } from "./main.ts";
import { placePrompts } from "./placePrompts.ts";
import { promptsOfFlags } from "./promptFlags.ts";
import { segmentImage } from "./segmentImage.ts";

/** No two axes alike, so that a wrong turn cannot hide. */
const shape: Zyx = [6, 8, 11];
const image = { data: Uint8Array.from({ length: 528 }, (_, i) => (i * i * 7) % 251), shape };
/** Box corners and clicks on the image as it is here. */
const corners: readonly Zyx[] = [
  [2, 3, 4],
  [3, 5, 7],
];
const clicks: readonly Zyx[] = [
  [3, 3, 4],
  [2, 5, 7],
];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-test-"));
  const metadata = { config: JSON.stringify(minuteConfig) };
  await writeSafetensors(join(folder, "net.safetensors"), minuteModel(0) as never, metadata);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The prompts in voxels of the turned grid, and in mm. */
function flagsFor(turn: (typeof allTurns)[number], affine: Affine) {
  const inVoxels = (at: Zyx) => turnVoxel(turn, shape, at).join();
  const inMm = (at: Zyx) => voxelToWorld(affine, at).join();
  const flags = (point: (at: Zyx) => string) => ({
    box: [corners.map(point).join()],
    click: [point(clicks[0]!), `${point(clicks[1]!)},bg`],
  });
  return [
    { ...flags(inVoxels), mm: false },
    { ...flags(inMm), mm: true },
  ];
}

test.each(Object.entries(placedAffines))(
  "%s: the same body in all 48 orders is the same to the model, and gives the same mask",
  async (kind, affine) => {
    const device = await openDevice("cpu");
    const segmenter = loadModel(minuteModel(0), minuteConfig);
    const [seen, promptsInVoxels, promptsInMm, masks] = [new Set(), new Set(), new Set(), new Set<string>()];
    for (const turn of allTurns) {
      const stored = turnGrid(image, turn);
      // As a file gives it back: float32.
      const read: Affine = Array.from(Float32Array.from(turnAffine(turn, shape, affine)));
      const [inVoxels, inMm] = flagsFor(turn, affine).map((flags) =>
        placePrompts({ shape: stored.shape, affine: read }, promptsOfFlags(flags)),
      );
      // A box in mm is that of its eight corners, larger than the one in voxels where the grid is oblique.
      expect(inMm![0]!.clicks).toEqual(inVoxels![0]!.clicks);
      const toLps = turnToLps(read);
      seen.add(turnGrid(stored, toLps).data.join());
      const turned = (object: PromptedObject) =>
        mapPrompts(
          object,
          (point) => turnVoxel(toLps, stored.shape, point),
          (box) => turnBox(toLps, stored.shape, box),
        );
      promptsInVoxels.add(JSON.stringify(inVoxels!.map(turned)));
      promptsInMm.add(JSON.stringify(inMm!.map(turned)));
      // The whole way through the model for some orders of each kind, and for all of the oblique one.
      if (kind !== "oblique" && turn.order[0] !== 2) continue;
      const { labels } = await segmentImage(segmenter, stored, inMm!, {
        crops: "object",
        turn: toLps,
        maxVoxels: 10_000,
        zoom: "off",
      });
      masks.add(turnGrid<typeof labels.data>(labels, inverseTurn(turn)).data.join(""));
    }
    expect([seen.size, promptsInVoxels.size, promptsInMm.size, masks.size]).toEqual([1, 1, 1, 1]);
    expect([...masks][0]).toContain("1");
    segmenter.dispose();
    device.dispose();
  },
);

test("the same head stored as LPS, PIR and ILA gives as many voxels, with the mask on the file's own grid", async () => {
  const affine = placedAffines.straight!;
  const found: { voxels: number; axes: string; place: string }[] = [];
  for (const axes of ["LPS", "PIR", "ILA"]) {
    const turn = allTurns.find((one) => codesOf(one, affine) === axes)!;
    const stored = turnGrid(image, turn);
    const placed = turnAffine(turn, shape, affine);
    await writeNifti(join(folder, `${axes}.nii`), stored, placed);
    const [, { box, click }] = flagsFor(turn, affine) as [unknown, ReturnType<typeof flagsFor>[1]];
    const prompts = ["--mm", `--box=${box![0]}`, ...click!.map((at) => `--click=${at}`)];
    const argv = [`${axes}.nii`, "--model", "net.safetensors", ...prompts, "-o", `${axes}-mask.nii`, "--device", "cpu"];
    const result = await callCommand(main, argv, { cwd: folder });
    expect(result.code).toBe(0);
    const mask = await readLabels(join(folder, `${axes}-mask.nii`));
    expect(mask.labels.shape).toEqual(turnZyx(turn, shape));
    const voxels = mask.labels.data.filter((value) => value === 1).length;
    found.push({
      voxels,
      axes: mask.stored.axes,
      place: turnGrid<typeof mask.labels.data>(mask.labels, inverseTurn(turn)).data.join(""),
    });
  }
  expect(found.map(({ axes }) => axes)).toEqual(["LPS", "PIR", "ILA"]);
  expect(found[0]!.voxels).toBeGreaterThan(0);
  expect(new Set(found.map(({ voxels }) => voxels)).size).toBe(1);
  expect(new Set(found.map(({ place }) => place)).size).toBe(1);
});

function codesOf(turn: (typeof allTurns)[number], affine: Affine): string {
  const turned = turnAffine(turn, shape, affine);
  return [0, 1, 2]
    .map((column) => {
      const steps = [0, 4, 8].map((row) => turned[row + column]!);
      const world = steps.findIndex((value) => value !== 0);
      return (steps[world]! > 0 ? "RAS" : "LPI")[world];
    })
    .join("");
}
