import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readImage } from "../readImage.ts";
import { temporaryFolder } from "../testing/temporaryFolder.ts";
import { cieLabOf } from "./cieLab.ts";
import { packBits, unpackBits } from "./packBits.ts";
import { readDicomSeg } from "./readDicomSeg.ts";
import { sliceElements, writeDicom } from "./testing/writeDicom.ts";
import { writeDicomSeg } from "./writeDicomSeg.ts";

/** Four tilted slices of 3 x 5, so that the bits of a frame (15) end within a byte. */
function tiltedSeries(): string {
  const folder = temporaryFolder();
  for (const n of [0, 1, 2, 3]) {
    const elements = sliceElements(
      Array.from({ length: 15 }, () => n),
      [3, 5],
      [0, 0.5 * n, 5 * n],
      [
        [0x0008_0018, "UI", `1.2.3.4.${n}`],
        [0x0010_0010, "PN", "Made^Up"],
        [0x0020_000d, "UI", "1.2.8"],
        [0x0020_0052, "UI", "1.2.9"],
      ],
    );
    writeDicom(join(folder, `${n}.dcm`), elements);
  }
  return folder;
}

const shape = [4, 3, 5] as const;
/** Label 3 in slices 1 and 3, label 7 in slice 3: slice 2 between them has no frame. */
function madeLabels(): { data: Uint8Array; shape: typeof shape } {
  const data = new Uint8Array(60);
  data.set([3, 3, 0, 0, 3], 15);
  data.set([7, 0, 7, 3, 3], 45 + 10);
  return { data, shape };
}

test("bits run on over frames, the lowest first", () => {
  // 1 0 1 | 0 1 1 | 1 0 0 : bits 1011 0101 from the highest down, then 0.
  const frames = [
    [1, 0, 1],
    [0, 1, 1],
    [1, 0, 0],
  ].map((frame) => Uint8Array.from(frame));
  const { bytes } = packBits(frames);
  expect([...bytes]).toEqual([0b0111_0101, 0b0]);
  const target = new Uint8Array(3);
  unpackBits(bytes, 3, target);
  expect([...target]).toEqual([0, 1, 1]);
});

test("a written segmentation is read back with its labels, names and place", async () => {
  const folder = tiltedSeries();
  const path = join(temporaryFolder(), "seg.dcm");
  const segments = [
    { label: 3, name: "liver", colour: [255, 0, 0] as const },
    { label: 7, name: "größe" },
  ];
  await writeDicomSeg(path, madeLabels(), segments, { place: { kind: "folder", path: folder } });
  const { labels, affine, names } = await readDicomSeg(path);
  const image = await readImage(folder);
  expect(names).toEqual({ 3: "liver", 7: "größe" });
  expect(labels.shape).toEqual([3, 3, 5]);
  expect([...labels.data]).toEqual([...madeLabels().data.subarray(15)]);
  // Its grid is the image's from slice 1 on: the same columns, the origin one step (0, 0.5, 5) LPS further.
  const moved = [...image.affine];
  moved[7] = moved[7]! - 0.5;
  moved[11] = moved[11]! + 5;
  for (const [index, value] of moved.entries()) expect(affine[index]).toBeCloseTo(value, 6);
});

test("labels of another shape, an irregular series and no voxel at all are refused", async () => {
  const place = { kind: "folder", path: tiltedSeries() } as const;
  const path = join(temporaryFolder(), "seg.dcm");
  const wrong = { data: new Uint8Array(15), shape: [1, 3, 5] as const };
  await expect(writeDicomSeg(path, wrong, [{ label: 1, name: "" }], { place })).rejects.toThrow(/labels of shape/);
  await expect(writeDicomSeg(path, madeLabels(), [{ label: 9, name: "" }], { place })).rejects.toThrow(
    /at least one voxel/,
  );
});

test("colours are CIELab in 16 bits", () => {
  // sRGB red is L* 53.24, a* 80.09, b* 67.20 under D65.
  const [lightness, a, b] = cieLabOf([255, 0, 0]);
  expect((lightness / 65535) * 100).toBeCloseTo(53.24, 1);
  expect((a / 65535) * 255 - 128).toBeCloseTo(80.09, 1);
  expect((b / 65535) * 255 - 128).toBeCloseTo(67.2, 1);
  expect(cieLabOf([255, 255, 255])[0]).toBe(65535);
});

const hasDcmtk = spawnSync("dcmdump", ["--version"]).status === 0;
test.skipIf(!hasDcmtk)("dcmtk reads a written segmentation (skipped where dcmtk is not installed)", async () => {
  const path = join(temporaryFolder(), "seg.dcm");
  const place = { kind: "folder", path: tiltedSeries() } as const;
  await writeDicomSeg(
    path,
    madeLabels(),
    [
      { label: 3, name: "a" },
      { label: 7, name: "b" },
    ],
    { place },
  );
  const dump = execFileSync("dcmdump", ["-q", path], { encoding: "utf8" });
  expect(dump).toMatch(/NumberOfFrames/);
  expect(dump.match(/ReferencedSegmentNumber/g)?.length).toBeGreaterThanOrEqual(3);
});
