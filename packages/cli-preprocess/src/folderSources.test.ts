import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asLines, callCommand } from "@ensam/core/command/testing";
import { readChallengeCase, readImage, writeMask, writeNifti } from "@ensam/core/files";
import { sliceElements, writeDicom } from "@ensam/core/files/testing";
import { affineOfSpacing } from "@ensam/core/geometry";
import { expect, test } from "vitest";
import { main } from "./main.ts";
import { emptyFolder } from "./testing/sources.ts";

/** Writes 2 x 1 voxels (x, y) of one slice. */
function writeVoxels(path: string, values: readonly [number, number]): Promise<void> {
  return writeNifti(path, { data: Int16Array.from(values), shape: [1, 1, 2] }, affineOfSpacing([3, 1, 1]));
}

async function writeAll(folder: string, files: Readonly<Record<string, readonly [number, number]>>): Promise<void> {
  for (const [name, values] of Object.entries(files)) {
    await mkdir(join(folder, name, ".."), { recursive: true });
    await writeVoxels(join(folder, name), values);
  }
}

const preprocess = (cwd: string, ...argv: string[]) => callCommand(main, argv, { cwd });

test("two folders become cases: names pair them, what is left over is said", async () => {
  const cwd = await emptyFolder();
  await writeAll(cwd, {
    "liver/images/p1.nii.gz": [40, 240],
    "liver/images/p2.nii": [40, 240],
    "liver/images/p3.nii.gz": [40, 240],
    "liver/masks/p1.nii.gz": [0, 1],
    "liver/masks/p2_seg.nii.gz": [1, 1],
    "liver/masks/p9.nii.gz": [1, 1],
  });
  await writeFile(join(cwd, "liver", "images", "notes.txt"), "");
  const argv = ["--images", "liver/images", "--labels", "liver/masks", "--modality", "ct", "-o", "data"];
  const { code, rows, error } = await preprocess(cwd, ...argv);
  expect(code).toBe(1);
  expect(rows.map(({ type, case: name, dataset, labels }) => ({ type, name, dataset, labels }))).toEqual([
    { type: "case", name: "p1", dataset: "CT_liver", labels: { "1": { voxels: 1 } } },
    { type: "case", name: "p2", dataset: "CT_liver", labels: { "1": { voxels: 2 } } },
    { type: "failure", name: "p3", dataset: undefined, labels: undefined },
  ]);
  expect(rows[2]!.error).toContain("p3.nii.gz: expected a label map named p3 in ");
  expect(error).toContain("left out, no image: notes.txt");
  expect(error).toContain("1 label maps without an image of their name: p9.nii.gz");
});

test("a folder that holds a DICOM series, also one further down, is an image named after it", async () => {
  const cwd = await emptyFolder();
  for (const [folder, first] of [
    ["scans/p1", 0],
    ["scans/p 2.old/study/series", 100],
  ] as const) {
    await mkdir(join(cwd, folder), { recursive: true });
    for (const z of [0, 1]) {
      const values = [first + 10 * z, first + 10 * z + 5];
      writeDicom(join(cwd, folder, `${z}`), sliceElements(values, [1, 2], [0, 0, 5 * z]));
    }
  }
  await writeAll(cwd, { "scans/p3.nii": [40, 240], "scans/old/p4.nii": [1, 2] });
  for (const name of ["p1", "p 2.old"]) {
    const image = await readImage(join(cwd, "scans", name));
    const labels = { data: Uint8Array.of(0, 1, 1, 1), shape: image.volume.shape };
    await writeMask(join(cwd, "scans/masks", `${name}.nii.gz`), labels, [{ label: 1 }], image);
  }
  await writeVoxels(join(cwd, "scans/masks/p3.nii.gz"), [0, 1]);
  const argv = ["--images", "scans", "--labels", "scans/masks", "--modality", "ct"];
  const listed = await preprocess(cwd, ...argv);
  expect(listed.rows.map(({ case: name, image }) => [name, image])).toEqual([
    ["p 2.old", join(cwd, "scans/p 2.old")],
    ["p1", join(cwd, "scans/p1")],
    ["p3", join(cwd, "scans/p3.nii")],
  ]);
  expect(listed.error).toContain("left out, no image: old");
  const made = await preprocess(cwd, ...argv, "-o", "data");
  expect(made.code).toBe(0);
  expect(made.rows.map(({ shape, labels }) => [shape, (labels as Record<string, object>)["1"]])).toEqual([
    [[2, 1, 2], { voxels: 3 }],
    [[2, 1, 2], { voxels: 3 }],
    [[1, 1, 2], { voxels: 1 }],
  ]);
});

test("without --out the source rows are written, and they make the same cases", async () => {
  const cwd = await emptyFolder();
  await writeAll(cwd, { "images/CT_AMOS_1.nii.gz": [40, 240], "labels/CT_AMOS_1.nii.gz": [0, 1] });
  const listed = await preprocess(cwd, "--images", "images", "--labels", "labels");
  const [image, label] = ["images", "labels"].map((folder) => join(cwd, folder, "CT_AMOS_1.nii.gz"));
  // Modality and dataset by the name, as the challenge's files are named.
  expect(listed.rows).toEqual([
    { type: "source", case: "CT_AMOS_1", modality: "CT", dataset: "CT_AMOS", image, label },
  ]);
  const fromRows = await callCommand(main, ["-o", "a"], { cwd, input: asLines(listed.rows) });
  const direct = await preprocess(cwd, "--images", "images", "--labels", "labels", "-o", "a");
  expect(direct.rows).toEqual(fromRows.rows);
});

test("nnU-Net's layout: channel, labels, names and modality come from dataset.json", async () => {
  const cwd = await emptyFolder();
  const dataset = join(cwd, "Dataset007_Brain");
  await writeAll(dataset, {
    "imagesTr/b_001_0000.nii.gz": [1, 2],
    "imagesTr/b_001_0001.nii.gz": [300, 400],
    "labelsTr/b_001.nii.gz": [0, 2],
  });
  const description = {
    channel_names: { "0": "FLAIR", "1": "T1w" },
    labels: { background: 0, whole: [1, 2], edema: 1, tumour: "2", ignore: 3 },
    file_ending: ".nii.gz",
  };
  await writeFile(join(dataset, "dataset.json"), JSON.stringify(description));
  const refused = await preprocess(cwd, "--images", "Dataset007_Brain", "-o", "data");
  expect(refused.code).toBe(2);
  expect(refused.error).toContain("expected --channel N to choose one of 2 channels: 0 (FLAIR), 1 (T1w)");
  const absent = await preprocess(cwd, "--images", "Dataset007_Brain", "--channel", "2");
  expect(absent.error).toContain("--channel: expected one of 2 channels: 0 (FLAIR), 1 (T1w), got 2");
  for (const images of ["Dataset007_Brain", "Dataset007_Brain/imagesTr"]) {
    const { rows, error } = await preprocess(cwd, "--images", images, "--channel", "1", "-o", "data");
    expect(rows).toMatchObject([
      {
        case: "b_001",
        modality: "MR",
        dataset: "MR_Dataset007_Brain",
        labels: { "2": { voxels: 1, name: "tumour" } },
      },
    ]);
    expect(error).toContain('dataset.json: label 3 is "ignore"');
  }
  // 300 and 400 are stretched to the ends; channel 0 would have stayed 1 and 2.
  expect([...(await readChallengeCase(join(cwd, "data", "b_001.npz"))).imgs!.data]).toEqual([0, 255]);
});

test.each([
  [Buffer.from('{"channel_names": {"0": "CT"}}', "utf16le"), "dataset.json: expected UTF-8 text, got UTF-16"],
  [Buffer.from("[1, 2]"), "dataset.json: expected a JSON object, got a list"],
  [Buffer.from("channel_names:"), "dataset.json: expected JSON, got text that is not JSON"],
  [
    Buffer.from('{"channel_names": {"0": "CT"}, "dataset": {"a": {"images": ["b.nii"], "label": "c.nii"}}}'),
    'got "dataset" with pairs of its own',
  ],
  [
    Buffer.from('{"channel_names": {"0": "CT"}, "file_ending": ".mha"}'),
    "whose names end in .mha, as dataset.json says",
  ],
])("a dataset.json that says nothing or something else is refused, not passed over", async (bytes, refusal) => {
  const cwd = await emptyFolder();
  await writeAll(join(cwd, "d"), { "imagesTr/a_0000.nii.gz": [1, 2], "labelsTr/a.nii.gz": [0, 1] });
  await writeFile(join(cwd, "d", "dataset.json"), bytes);
  const { code, error } = await preprocess(cwd, "--images", "d", "-o", "data");
  expect([code, error]).toEqual([3, expect.stringContaining(refusal)]);
});

test("the Decathlon's 4-D images: a channel is a volume, and --volume takes one without dataset.json", async () => {
  const cwd = await emptyFolder();
  await writeAll(cwd, { "d/labelsTr/p.nii": [0, 1] });
  await mkdir(join(cwd, "d", "imagesTr"));
  await writeVoxels(join(cwd, "flat.nii"), [7, 8]);
  await writeFile(join(cwd, "d", "imagesTr", "p.nii"), fourDimensional([5, 6, 300, 400]));
  await writeFile(join(cwd, "d", "imagesTr", "._p.nii"), "left by another system");
  const description = { modality: { "0": "T2", "1": "ADC" }, labels: { "0": "background", "1": "prostate" } };
  await writeFile(join(cwd, "d", "dataset.json"), JSON.stringify(description));
  const { rows } = await preprocess(cwd, "--images", "d", "--channel", "1", "-o", "data");
  expect(rows).toMatchObject([{ modality: "MR", labels: { "1": { voxels: 1, name: "prostate" } } }]);
  expect([...(await readChallengeCase(join(cwd, "data", "p.npz"))).imgs!.data]).toEqual([0, 255]);

  const source = { type: "source", case: "q", modality: "MR", dataset: "MR_Q", image: "d/imagesTr/p.nii" };
  const run = (...argv: string[]) => callCommand(main, ["-o", "own", ...argv], { cwd, input: asLines([source]) });
  expect((await run()).error).toContain("axes of 2 x 1 x 1 x 2 voxels; --volume N takes one of the 2, from 0");
  expect((await run("--volume", "2")).error).toContain("expected a volume 2, got volumes 0 to 1");
  // 5 and 6 of 16 bits are stretched to the ends as well: only 8-bit images stay.
  await run("--volume", "0");
  expect([...(await readChallengeCase(join(cwd, "own", "q.npz"))).imgs!.data]).toEqual([0, 255]);
});

test("--channel takes one of the channels in a file, for rows that name none and for folders without dataset.json", async () => {
  const cwd = await emptyFolder();
  await mkdir(join(cwd, "images"));
  const head = ["NRRD0004", "type: short", "dimension: 4", "sizes: 2 2 1 1", "kinds: vector domain domain domain"];
  const text = [...head, "encoding: ascii", "", "7 300 8 400", ""].join("\n");
  await writeFile(join(cwd, "images", "p.nrrd"), text);
  const grey = async (name: string) => [...(await readChallengeCase(join(cwd, name, "p.npz"))).imgs!.data];
  const source = { type: "source", case: "p", modality: "MR", dataset: "MR_Q", image: "images/p.nrrd" };
  const run = (out: string, rows: object[], ...argv: string[]) =>
    callCommand(main, ["-o", out, "--pass-through", ...argv], { cwd, input: asLines(rows) });
  expect((await run("none", [source])).error).toContain("expected one number a voxel, got 2 (colours or vectors)");
  expect((await run("none", [source], "--channel", "2")).error).toContain("expected one of 2 channels, counted from 0");
  expect((await run("flag", [source], "--channel", "0")).code).toBe(0);
  expect(await grey("flag")).toEqual([7, 8]);
  // The row's own goes before the flag.
  expect((await run("row", [{ ...source, channel: 0 }], "--channel", "1")).code).toBe(0);
  expect(await grey("row")).toEqual([7, 8]);
  const folder = await preprocess(cwd, "--images", "images", "--modality", "MR", "--channel", "1");
  expect(folder.rows).toMatchObject([{ case: "p", channel: 1 }]);
  expect((await preprocess(cwd, "--images", "images", "--modality", "MR", "--channel", "1", "-o", "d")).code).toBe(0);
  expect(await grey("d")).toEqual([0, 255]);
  const checked = await preprocess(cwd, "--images", "images", "--modality", "MR", "--channel", "1", "--check");
  expect(checked.rows).toHaveLength(1);
  expect(checked.output).not.toContain("one number a voxel");
});

test.each([
  [["--labels", "x", "-o", "d"], "--labels: expected --images DIR beside it, got none"],
  [["--images", ".", "--index", "."], "--images: expected no --index beside it, got both"],
  [["--images", "nowhere"], "nowhere: expected a folder of images, got nothing there"],
  [["--images", ".", "-o", "."], "--out: expected a folder of its own for the npz files, got "],
  [["--images", "."], "expected images (NIfTI, NRRD, MetaImage, GIPL, TIFF, npz, folders of DICOM), got none"],
])("%j is refused", async (argv, message) => {
  const { code, error } = await preprocess(await emptyFolder(), ...argv);
  expect(code).toBeGreaterThan(1);
  expect(error).toContain(message);
});

test("a file for a folder of images, and labels that are not there, are told apart", async () => {
  const cwd = await emptyFolder();
  await writeAll(cwd, { "images/CT_p1.nii": [1, 2] });
  const file = await preprocess(cwd, "--images", "images/CT_p1.nii");
  expect([file.code, file.error]).toEqual([3, expect.stringContaining("expected a folder of images, got a file")]);
  const labels = await preprocess(cwd, "--images", "images", "--labels", "maps");
  expect([labels.code, labels.error]).toEqual([
    3,
    expect.stringContaining("a folder of label maps, got nothing there"),
  ]);
});

test("a modality that neither a name nor dataset.json says is asked for", async () => {
  const cwd = await emptyFolder();
  await writeAll(cwd, { "images/p1.nii": [1, 2] });
  const { code, error } = await preprocess(cwd, "--images", "images");
  expect(code).toBe(2);
  expect(error).toContain("expected --modality CT, MR, PET, US or Microscopy, since the name p1 does not say it");
});

/** A NIfTI-1 file of 2 x 1 x 1 voxels and two volumes, int16, without directions. */
function fourDimensional(values: readonly [number, number, number, number]): Buffer {
  const bytes = Buffer.alloc(352 + 8);
  bytes.writeInt32LE(348, 0);
  for (const [i, length] of [4, 2, 1, 1, 2, 1, 1, 1].entries()) bytes.writeInt16LE(length, 40 + 2 * i);
  bytes.writeInt16LE(4, 70); // int16
  bytes.writeInt16LE(16, 72);
  for (const i of [0, 1, 2, 3, 4]) bytes.writeFloatLE(1, 76 + 4 * i);
  bytes.writeFloatLE(352, 108);
  bytes.write("n+1\0", 344, "latin1");
  for (const [i, value] of values.entries()) bytes.writeInt16LE(value, 352 + 2 * i);
  return bytes;
}

test("a .seg.nrrd is the label map of its image's name, and its names of labels are the case's", async () => {
  const cwd = await emptyFolder();
  await writeAll(cwd, { "images/p1.nii.gz": [40, 240] });
  const image = await readImage(join(cwd, "images", "p1.nii.gz"));
  const labels = { data: Uint8Array.of(0, 4), shape: image.volume.shape };
  await writeMask(join(cwd, "masks", "p1.seg.nrrd"), labels, [{ label: 4, name: "liver" }], image);
  const { code, rows } = await preprocess(
    cwd,
    "--images",
    "images",
    "--labels",
    "masks",
    "--modality",
    "CT",
    "-o",
    "d",
  );
  expect([code, rows[0]!.labels]).toEqual([0, { "4": { voxels: 1, name: "liver" } }]);
});
