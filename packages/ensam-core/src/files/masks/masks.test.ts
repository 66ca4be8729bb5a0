import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { type Affine, spacingOfAffine } from "../../geometry/index.ts";
import type { LabelMap, Zyx } from "../../voxels/index.ts";
import { sliceElements, writeDicom } from "../dicom/testing/writeDicom.ts";
import { alignLabels, type MaskObject, maskPaths, maskProblem, readImage, readLabels, writeMask } from "../index.ts";
import { pythonWith } from "../testing/python.ts";
import { missing, sharedPath } from "../testing/shared.ts";
import { temporaryFolder } from "../testing/temporaryFolder.ts";

const shape: Zyx = [4, 3, 5];
const affine: Affine = [-0.8, 0, 0, 60, 0, -0.9, -0.6, 80, 0, 0, 2, -40, 0, 0, 0, 1];
const image = { affine, volume: { shape, spacing: spacingOfAffine(affine) }, stored: { hasDirections: true } };
const objects: readonly MaskObject[] = [
  { label: 3, name: 'Leber "A" & <B> ]]> größer', colour: [255, 0, 0] },
  { label: 300, name: "vessel" },
  { label: 7 },
];

/** Label 3 in slices 1 and 3, 300 in slice 3, 7 nowhere. */
function madeLabels(): LabelMap {
  const data = new Uint16Array(60);
  data.set([3, 3, 0, 0, 3], 15);
  data.set([300, 0, 300, 3, 3], 45 + 10);
  return { data, shape };
}

/** Like `objects`, with masks of their own: 3 and 300 share the last voxel but one. */
function overlapping(): MaskObject[] {
  const { data } = madeLabels();
  const own = (label: number, more: readonly number[] = []): LabelMap => ({
    data: Uint8Array.from(data, (value, at) => (value === label || more.includes(at) ? 1 : 0)),
    shape,
  });
  return [
    { ...objects[0]!, mask: own(3) },
    { ...objects[1]!, mask: own(300, [58]) },
    { ...objects[2]!, mask: own(7) },
  ];
}

test.each([
  ["mask.nii.gz", true],
  ["mask.nii", true],
  ["mask.nrrd", true],
  ["mask.seg.nrrd", true],
  ["mask.npz", false],
])("%s is read back with its labels, place and names", async (name, isRounded) => {
  const path = join(temporaryFolder(), name);
  const { files } = await writeMask(path, madeLabels(), objects, image);
  expect(files).toEqual([path]);
  const read = await readLabels(path);
  expect([...read.labels.data]).toEqual([...madeLabels().data]);
  for (const [index, value] of read.affine.entries()) expect(value).toBeCloseTo(affine[index]!, isRounded ? 5 : 12);
  const isSegmentation = name.endsWith(".seg.nrrd");
  expect(read.names).toEqual({
    3: objects[0]!.name,
    300: "vessel",
    ...(isSegmentation && { 7: "label 7" }), // Slicer's segments always have a name.
  });
  expect(existsSync(join(path, "..", "mask.labels.json"))).toBe(!isSegmentation);
});

test("names come from the header extension also without the file beside it, and a mask without names has neither", async () => {
  const folder = temporaryFolder();
  await writeMask(join(folder, "a.nii.gz"), madeLabels(), objects, image);
  const bytes = gunzipSync(readFileSync(join(folder, "a.nii.gz")));
  expect([bytes[348], bytes.readFloatLE(108) % 16]).toEqual([1, 0]);
  const { writeFileSync } = await import("node:fs");
  writeFileSync(join(folder, "b.nii"), bytes);
  expect((await readLabels(join(folder, "b.nii"))).names).toEqual({ 3: objects[0]!.name, 300: "vessel" });
  await writeMask(join(folder, "c.nii"), madeLabels(), [{ label: 3 }], image);
  expect(readdirSync(folder).sort()).toEqual(["a.labels.json", "a.nii.gz", "b.nii", "c.nii"]);
  expect(readFileSync(join(folder, "c.nii"))[348]).toBe(0);
});

test("one file an object: voxels 1, names made fit for files, doubled ones told apart", async () => {
  const folder = temporaryFolder();
  const twice = [{ label: 3, name: "a/b" }, { label: 300, name: "a:b" }, { label: 7 }];
  const { files } = await writeMask(join(folder, "m.nii.gz"), madeLabels(), twice, image, { perObject: true });
  expect(files.map((file) => file.slice(folder.length + 1))).toEqual([
    "m_a_b_3.nii.gz",
    "m_a_b_300.nii.gz",
    "m_7.nii.gz",
  ]);
  expect(readdirSync(folder).length).toBe(3);
  const { labels, names } = await readLabels(files[1]!);
  expect([...labels.data]).toEqual(Array.from(madeLabels().data, (value) => (value === 300 ? 1 : 0)));
  expect(names).toEqual({ 1: "a:b" });
  expect(maskPaths("m.seg.nrrd", twice, true)[2]!.path).toBe("m_7.seg.nrrd");
});

test("overlapping objects lie in layers of a .seg.nrrd, and are refused where one label a voxel is wanted", async () => {
  const path = join(temporaryFolder(), "m.seg.nrrd");
  await writeMask(path, madeLabels(), overlapping(), image, { layers: true });
  const [first, second] = [await readImage(path, { channel: 0 }), await readImage(path, { channel: 1 })];
  expect(Array.from(first.volume.data, (value) => Number(value === 3))).toEqual([...overlapping()[0]!.mask!.data]);
  expect(Array.from(second.volume.data, (value) => Number(value === 300))).toEqual([...overlapping()[1]!.mask!.data]);
  await expect(readLabels(path)).rejects.toThrow(/one label a voxel, got .*share a voxel/);
  // Not asked for: the label map decides, and one layer is enough.
  await writeMask(path, madeLabels(), overlapping(), image);
  expect([...(await readLabels(path)).labels.data]).toEqual([...madeLabels().data]);
});

test("layers of equal values that do not overlap become a label map with the numbers of the segments", async () => {
  const path = join(temporaryFolder(), "m.seg.nrrd");
  const { writeFileSync } = await import("node:fs");
  const pairs = ["a", "b"].flatMap((name, layer) => [
    `Segment${layer}_ID:=S${layer}`,
    `Segment${layer}_Name:=${name}`,
    `Segment${layer}_LabelValue:=1`,
    `Segment${layer}_Layer:=${layer}`,
  ]);
  const fields =
    "NRRD0005\ntype: uint8\ndimension: 4\nsizes: 2 2 2 1\nkinds: list domain domain domain\nspace: LPS\nspace directions: none (1,0,0) (0,1,0) (0,0,1)\nencoding: raw\n";
  writeFileSync(
    path,
    Buffer.concat([Buffer.from(`${fields}${pairs.join("\n")}\n\n`), Buffer.of(1, 0, 0, 1, 0, 0, 0, 1)]),
  );
  const { labels, names, notes } = await readLabels(path);
  expect([...labels.data]).toEqual([1, 2, 0, 2]);
  expect(names).toEqual({ 1: "a", 2: "b" });
  expect(notes.join()).toMatch(/numbers of the segments/);
});

test("what cannot be written is told before", () => {
  expect(maskProblem("m.png", {})).toMatch(/expected a name ending in .*, got another/);
  expect(maskProblem("m.dcm", {})).toMatch(/expected a DICOM series/);
  const dicom = { place: { kind: "folder", path: "a" }, series: "1", isRegular: false } as const;
  expect(maskProblem("m.dcm", { dicom })).toMatch(/expected a regular DICOM series/);
  expect(maskProblem("m.nii.gz", {}, { layers: true })).toMatch(/--per-object/);
  expect(maskProblem("m.nii.gz", {}, { layers: true, perObject: true })).toBeUndefined();
});

test("a mask of another shape than its image is refused", async () => {
  const path = join(temporaryFolder(), "m.nii");
  const wrong = { data: new Uint8Array(60), shape: [3, 4, 5] as Zyx };
  await expect(writeMask(path, wrong, objects, image)).rejects.toThrow(
    /expected labels of the image's shape .*\[4,3,5\]/,
  );
});

/** Four tilted slices of 3 x 5. */
function tiltedSeries(): string {
  const folder = temporaryFolder();
  for (const n of [0, 1, 2, 3]) {
    const elements = sliceElements(
      Array.from({ length: 15 }, () => n),
      [3, 5],
      [0, 0.5 * n, 5 * n],
      [
        [0x0008_0018, "UI", `1.2.3.4.${n}`],
        [0x0020_000d, "UI", "1.2.8"],
        [0x0020_0052, "UI", "1.2.9"],
      ],
    );
    writeDicom(join(folder, `${n}.dcm`), elements);
  }
  return folder;
}

test("a DICOM segmentation holds fewer slices than its image and is put back where they lie", async () => {
  const series = await readImage(tiltedSeries());
  const path = join(temporaryFolder(), "m.dcm");
  await writeMask(path, madeLabels(), objects, series);
  const read = await readLabels(path);
  expect(read.labels.shape).toEqual([3, 3, 5]);
  expect(read.names).toMatchObject({ 3: objects[0]!.name, 300: "vessel" });
  const stated = { shape: series.volume.shape, affine: series.affine, hasDirections: true };
  const placed = alignLabels(path, stated, { ...read, hasDirections: read.stored.hasDirections });
  expect([...placed.labels.data]).toEqual([...madeLabels().data]);
  expect(placed.warnings.join()).toMatch(/placed by position/);
  // Half a step beside, outside of the image, and a plain label map of another shape are refused.
  const moved = (mm: number) => read.affine.map((value, at) => (at === 11 ? value + mm : value));
  for (const mm of [2.6, 10]) {
    const elsewhere = { ...read, affine: moved(mm), hasDirections: true };
    expect(() => alignLabels(path, stated, elsewhere)).toThrow(/expected/);
  }
  expect(() => alignLabels(path, stated, { ...read, isPart: false, hasDirections: true })).toThrow(/the image's shape/);
});

test("DICOM segmentations an object keep its label, and one without voxels is left out with a note", async () => {
  const series = await readImage(tiltedSeries());
  const path = join(temporaryFolder(), "m.dcm");
  const { files, notes } = await writeMask(path, madeLabels(), objects, series, { perObject: true });
  expect(files.length).toBe(2);
  expect(notes.join()).toMatch(/object 7 has no voxel/);
  const { labels, names } = await readLabels(files[1]!);
  expect(new Set(labels.data)).toEqual(new Set([0, 300]));
  expect(names).toEqual({ 300: "vessel" });
});

const pydicom = pythonWith("pydicom", "numpy");
test.skipIf(!pydicom)(
  "pydicom reads a DICOM segmentation with overlapping segments (skipped: no python3 with pydicom)",
  async () => {
    const series = await readImage(tiltedSeries());
    const path = join(temporaryFolder(), "m.dcm");
    await writeMask(path, madeLabels(), overlapping(), series, { layers: true });
    const found = pydicom!(
      `
import sys, json, pydicom
d = pydicom.dcmread(json.load(sys.stdin))
frames = d.pixel_array
print(json.dumps([[int(g.SegmentIdentificationSequence[0].ReferencedSegmentNumber),
  float(g.PlanePositionSequence[0].ImagePositionPatient[2]), frames[i].ravel().tolist()]
  for i, g in enumerate(d.PerFrameFunctionalGroupsSequence)]))`,
      path,
    );
    const slice = (index: number, z: number) => [...overlapping()[index]!.mask!.data.subarray(15 * z, 15 * z + 15)];
    expect(found).toEqual([
      [1, 5, slice(0, 1)],
      [1, 15, slice(0, 3)],
      [2, 15, slice(1, 3)],
    ]);
  },
);

const { isMissing, reason } = missing("samples");

test.skipIf(isMissing)(`the names that TotalSegmentator wrote are read (${reason})`, async () => {
  const { names } = await readLabels(sharedPath("samples", "MR/MR_TotalSegmentator/example_mr_sm_labels23.nii.gz"));
  expect([names[1], Object.keys(names).length > 20]).toEqual(["spleen", true]);
  const { names: none } = await readLabels(sharedPath("samples", "robust/nifti/with_extension.nii.gz")).catch(() => ({
    names: {},
  }));
  expect(none).toEqual({});
});

test.skipIf(isMissing)(`segmentations that dcmqi wrote lie on their images (${reason})`, async () => {
  for (const size of ["23x38x3", "24x38x3"]) {
    const folder = sharedPath("samples", "robust/dicom", `dcmqi_${size}`);
    const series = await readImage(join(folder, "image"));
    const stated = { shape: series.volume.shape, affine: series.affine, hasDirections: true };
    const [seg, nrrd] = [await readLabels(join(folder, "seg")), await readLabels(join(folder, "nrrd/label.nrrd"))];
    const read = { ...seg, hasDirections: true };
    const placed = alignLabels("seg", stated, read).labels;
    const truth = alignLabels("nrrd", stated, { ...nrrd, hasDirections: true }).labels;
    expect(Array.from(placed.data, Boolean)).toEqual(Array.from(truth.data, Boolean));
    expect(placed.data.some(Boolean)).toBe(true);
  }
});
