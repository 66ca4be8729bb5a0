import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zipSync } from "fflate";
import { expect, test } from "vitest";
import { readImage } from "../readImage.ts";
import { temporaryFolder } from "../testing/temporaryFolder.ts";
import { listDicom } from "./readDicom.ts";
import { type MadeElement, sliceElements, writeDicom } from "./testing/writeDicom.ts";

const slope = 0x0028_1053;
const intercept = 0x0028_1052;
const orientation = 0x0020_0037;
const series = 0x0020_000e;

/** Slice `n` holds n, n + 1, ... n + 5 in two rows of three; pixels are 2 mm apart down a column, 1.5 mm along a row. */
function writeSlice(
  folder: string,
  name: string,
  position: readonly number[],
  n: number,
  more: MadeElement[] = [],
): void {
  const values = [0, 1, 2, 3, 4, 5].map((value) => value + n);
  writeDicom(join(folder, name), sliceElements(values, [2, 3], position, more));
}

function seriesAt(depths: readonly number[], more: (index: number) => MadeElement[] = () => []): string {
  const folder = temporaryFolder();
  for (const [index, z] of depths.entries()) {
    writeSlice(folder, `${String(index).padStart(2, "0")}.dcm`, [10, 20, z], 10 * index, more(index));
  }
  return folder;
}

test("slices are sorted by position whatever their names and numbers", async () => {
  const folder = temporaryFolder();
  for (const [name, z, n] of [
    ["c", 5, 1],
    ["a", 10, 2],
    ["b ü", 0, 0],
  ] as const) {
    writeSlice(folder, name, [10, 20, z], 10 * n, [[0x0020_0013, "IS", String(9 - n)]]);
  }
  const { volume, affine, stored } = await readImage(folder);
  expect(volume.shape).toEqual([3, 2, 3]);
  expect([...volume.data]).toEqual([0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 24, 25]);
  expect(volume.spacing).toEqual([5, 2, 1.5]);
  // x runs left and y to the back, so their columns are negative in RAS; the first pixel lies at (10, 20, 0) LPS.
  expect(affine).toEqual([-1.5, 0, 0, -10, 0, -2, 0, -20, 0, 0, 5, 0, 0, 0, 0, 1]);
  expect(stored).toMatchObject({ format: "dicom", type: "uint16", axes: "LPS", isSheared: false });
});

test("each slice has its own slope and intercept", async () => {
  const slopes = ["1", "0.5", "3"];
  const folder = seriesAt([0, 5, 10], (index) => [
    [slope, "DS", slopes[index]!],
    [intercept, "DS", String(-index)],
  ]);
  const { volume } = await readImage(folder);
  expect(volume.data).toBeInstanceOf(Float32Array);
  // 0..5 x 1; (10..15) x 0.5 - 1; (20..25) x 3 - 2
  expect([...volume.data]).toEqual([0, 1, 2, 3, 4, 5, 4, 4.5, 5, 5.5, 6, 6.5, 58, 61, 64, 67, 70, 73]);
});

test("whole slopes and intercepts give int16, and int32 where that is too small", async () => {
  const folder = seriesAt([0, 5], () => [
    [slope, "DS", "1"],
    [intercept, "DS", "-1024"],
  ]);
  const { volume } = await readImage(folder);
  expect(volume.data).toBeInstanceOf(Int16Array);
  expect([...volume.data.subarray(6, 9)]).toEqual([-1014, -1013, -1012]);
  const large = seriesAt([0, 5], () => [[slope, "DS", "10000"]]);
  const { data } = (await readImage(large)).volume;
  expect(data).toBeInstanceOf(Int32Array);
  expect(data[11]).toBe(150_000);
});

test("the tilt of a gantry is kept as shear", async () => {
  const folder = temporaryFolder();
  const [cos, sin] = [Math.cos(Math.PI / 12), Math.sin(Math.PI / 12)];
  for (const n of [0, 1, 2]) {
    writeSlice(folder, `${n}.dcm`, [0, 0, 5 * n], 10 * n, [[orientation, "DS", `1\\0\\0\\0\\${cos}\\${sin}`]]);
  }
  const { affine, stored, notes } = await readImage(folder);
  expect(stored.isSheared).toBe(true);
  expect(notes).toContain("the axes are not at right angles");
  // The third column is the way from slice to slice, (0, 0, 5) in LPS, though the normal is tilted by 15 degrees.
  expect([affine[2], affine[6], affine[10]].map((mm) => Number(mm!.toFixed(6)))).toEqual([0, 0, 5]);
});

test.each([
  ["a missing slice", [0, 5, 10, 20, 25], /1 missing slice: steps of 5 mm, but 10 mm between 02.dcm and 03.dcm/],
  ["two missing slices", [0, 5, 10, 25, 30], /2 missing slices/],
  ["an uneven slice", [0, 5, 10.4, 15, 20], /uneven slices: steps of 5 mm, but 5.4 mm between 01.dcm and 02.dcm/],
  ["one position twice", [0, 5, 5, 10], /two slices at one position \(01.dcm and 02.dcm\)/],
])("%s is refused by name", async (_, depths, message) => {
  await expect(readImage(seriesAt(depths))).rejects.toThrow(message);
});

test("asked to go on, a missing slice is interpolated and told", async () => {
  const { volume, notes } = await readImage(seriesAt([0, 5, 10, 20]), { dicom: { anyway: true } });
  expect(volume.shape).toEqual([5, 2, 3]);
  expect(volume.spacing[0]).toBeCloseTo(5);
  // Slices hold 0, 10, 20 and 30; the missing one lies half-way between 20 and 30.
  expect([0, 1, 2, 3, 4].map((z) => volume.data[6 * z])).toEqual([0, 10, 20, 25, 30]);
  expect(notes.join("\n")).toMatch(/in spite of 1 missing slice.*\n.*4 became 5/);
});

test("asked to go on, the first of two slices at one position is taken", async () => {
  const { volume } = await readImage(seriesAt([0, 5, 5, 10]), { dicom: { anyway: true } });
  expect([0, 1, 2].map((z) => volume.data[6 * z])).toEqual([0, 10, 30]);
});

test("two series are refused and listed; each can be chosen by number or UID", async () => {
  const folder = seriesAt([0, 5, 10]);
  for (const n of [0, 1]) {
    writeSlice(folder, `other${n}`, [0, 0, 7 * n], 40, [
      [series, "UI", "1.2.9"],
      [0x0020_0011, "IS", "2"],
      [0x0008_103e, "LO", "Thorax"],
    ]);
  }
  await expect(readImage(folder)).rejects.toThrow(/--series.*2: 1\) CT, 3 x 2 x 3; 2\) CT "Thorax", 2 x 2 x 3/);
  expect((await readImage(folder, { dicom: { series: "2" } })).volume.spacing[0]).toBe(7);
  expect((await readImage(folder, { dicom: { series: "1.2.3" } })).volume.spacing[0]).toBe(5);
  await expect(readImage(folder, { dicom: { series: "7.7" } })).rejects.toThrow(/"7.7", which is none of/);
  expect(await listDicom({ kind: "folder", path: folder })).toMatchObject([
    { number: 1, seriesUid: "1.2.3", slices: 3, problems: [] },
    { number: 2, seriesUid: "1.2.9", slices: 2, description: "Thorax" },
  ]);
});

test("two time points in one series become two volumes", async () => {
  const folder = temporaryFolder();
  for (const n of [0, 1, 2, 3]) {
    const time = n < 2 ? "1" : "2";
    writeSlice(folder, `${n}.dcm`, [0, 0, 5 * (n % 2)], 10 * n, [[0x0020_0012, "IS", time]]);
  }
  await expect(readImage(folder)).rejects.toThrow(/expected one DICOM volume/);
  const { volume } = await readImage(folder, { dicom: { series: "2" } });
  expect([volume.data[0], volume.data[6]]).toEqual([20, 30]);
});

test("a localizer of another orientation is left out and told", async () => {
  const folder = seriesAt([0, 5, 10]);
  writeSlice(folder, "00-localizer", [0, 0, 0], 90, [[orientation, "DS", "0\\1\\0\\0\\0\\-1"]]);
  const { volume, notes } = await readImage(folder);
  expect(volume.shape).toEqual([3, 2, 3]);
  expect(notes).toContain("1 single slice of another orientation or series left out");
});

test("a slice of another size in the series is refused", async () => {
  const folder = seriesAt([0, 5, 10]);
  writeDicom(join(folder, "odd.dcm"), sliceElements([1, 2, 3], [1, 3], [10, 20, 15]));
  await expect(readImage(folder)).rejects.toThrow(/expected one DICOM volume/);
});

test("slices without positions are refused, and read in the order of their numbers if asked for", async () => {
  const folder = temporaryFolder();
  for (const n of [0, 1]) {
    const elements = sliceElements([n, n, n, n, n, n], [2, 3], [0, 0, 0], [[0x0020_0013, "IS", String(2 - n)]]);
    writeDicom(
      join(folder, `${n}.dcm`),
      elements.filter(([tag]) => tag !== 0x0020_0032 && tag !== orientation),
    );
  }
  await expect(readImage(folder)).rejects.toThrow(/2 of 2 slices without a position/);
  const { volume } = await readImage(folder, { dicom: { anyway: true } });
  expect([volume.data[0], volume.data[6]]).toEqual([1, 0]);
});

test("pixels that are cut off are refused, and zeros if asked for", async () => {
  const folder = seriesAt([0, 5]);
  const path = join(folder, "01.dcm");
  truncateSync(path, readFileSync(path).length - 4);
  await expect(readImage(folder)).rejects.toThrow(/01.dcm: expected 12 bytes of pixels, got 8: the file is cut off/);
  const { volume, notes } = await readImage(folder, { dicom: { anyway: true } });
  expect([...volume.data.subarray(6)]).toEqual([10, 11, 12, 13, 0, 0]);
  expect(notes.join()).toContain("2 pixels are cut off");
});

test("files that are no DICOM or hold no image are left out and told; a damaged one is refused", async () => {
  const folder = seriesAt([0, 5]);
  mkdirSync(join(folder, "deeper"));
  writeFileSync(join(folder, "deeper", "readme.txt"), "no image");
  writeDicom(join(folder, "report"), [
    [0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.88.11"],
    [0x0008_0060, "CS", "SR"],
  ]);
  const { notes } = await readImage(folder);
  expect(notes.join("\n")).toMatch(
    /1 without an image, such as an object without pixels \(SR\)\n.*1 file that is no DICOM/,
  );
  writeFileSync(join(folder, "cut.dcm"), readFileSync(join(folder, "00.dcm")).subarray(0, 200));
  await expect(readImage(folder)).rejects.toThrow(/a file that cannot be read: .*cut.dcm/);
});

test("a zip archive of a series is read as its folder is", async () => {
  const folder = seriesAt([0, 5, 10]);
  const members = ["00.dcm", "01.dcm", "02.dcm"].map((name) => [`export/${name}`, readFileSync(join(folder, name))]);
  const archive = join(folder, "series.zip");
  writeFileSync(archive, zipSync(Object.fromEntries(members)));
  expect((await readImage(archive)).volume).toEqual((await readImage(folder)).volume);
});

test("one slice takes its depth from the thickness, and says how to read the others", async () => {
  const folder = seriesAt([0, 3]);
  const { volume, notes } = await readImage(join(folder, "01.dcm"));
  expect([volume.shape, volume.spacing]).toEqual([
    [1, 2, 3],
    [5, 2, 1.5],
  ]);
  expect(notes.join()).toContain("one slice (01.dcm); give the folder");
});

test("a folder without DICOM says so", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "readme.txt"), "no image");
  await expect(readImage(folder)).rejects.toThrow(/expected a DICOM image, got no DICOM file/);
});
