import { link, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callCommand } from "@ensam/core/command/testing";
import { readChallengeCase, readImage, readLabels, writeNifti, writeSafetensors } from "@ensam/core/files";
import type { Affine } from "@ensam/core/geometry";
import { minuteConfig, minuteModel } from "@ensam/core/inference/testing";
import type { Zyx } from "@ensam/core/voxels";
import { afterAll, beforeAll, expect, test } from "vitest";
import { main } from "./main.ts";

const shape: Zyx = [8, 16, 16];
/** Voxels of 2 x 1 x 3 mm, the axes turned: array x runs up, y to the right, z to the front. */
const affine: Affine = [0, 1, 0, -8, 0, 0, 3, -12, 2, 0, 0, 100, 0, 0, 0, 1];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-test-"));
  const metadata = { config: JSON.stringify(minuteConfig) };
  await writeSafetensors(join(folder, "net.safetensors"), minuteModel(0) as never, metadata);
  await writeSafetensors(join(folder, "blind.safetensors"), minuteModel(-9) as never, metadata);
  const data = Int16Array.from({ length: 2048 }, (_, i) => ((i * 37) % 2000) - 1000);
  await writeNifti(join(folder, "ct.nii.gz"), { data, shape }, affine);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const segment = (argv: readonly string[]) => callCommand(main, [...argv, "--device", "cpu"], { cwd: folder });
const seeing = ["ct.nii.gz", "--model", "net.safetensors"];

test("two objects become one label map in the image's own geometry, and a row with their volumes", async () => {
  const argv = [...seeing, "--box", "liver:1,2,3,5,9,12", "--click", "liver:3,5,6", "--click", "300:6,12,12"];
  const result = await segment([...argv, "-o", "mask.nii.gz"]);
  expect(result.error).toContain("CT window 400/40 HU (guessed");
  expect(result.code).toBe(0);
  const image = await readImage(join(folder, "ct.nii.gz"));
  const mask = await readLabels(join(folder, "mask.nii.gz"));
  expect(mask.affine).toEqual(image.affine);
  expect(mask.labels.shape).toEqual(shape);
  expect(mask.labels.data).toBeInstanceOf(Uint16Array);

  const [row] = result.rows as [{ objects: { label: number; name?: string; voxels: number; volumeMm3: number }[] }];
  expect(row).toMatchObject({
    type: "segmentation",
    image: join(folder, "ct.nii.gz"),
    mask: join(folder, "mask.nii.gz"),
    model: join(folder, "net.safetensors"),
  });
  expect(row.objects.map(({ label, name }) => [label, name])).toEqual([
    [1, "liver"],
    [300, undefined],
  ]);
  for (const { label, voxels, volumeMm3 } of row.objects) {
    expect(mask.labels.data.filter((value) => value === label)).toHaveLength(voxels);
    expect(volumeMm3).toBe(voxels * 6); // 2 * 1 * 3 mm
  }
});

test("--schema prints the schema of the row", async () => {
  const { code, output } = await segment(["--schema"]);
  expect(code).toBe(0);
  expect(Object.keys(JSON.parse(output))).toEqual(["request", "segmentation", "series", "failure"]);
});

test("the same prompts in millimetres, and in a file, give the same mask", async () => {
  await segment([...seeing, "--click", "3,5,6", "-o", "voxel.nii"]);
  // x = y index - 8 = -3, y = 3 * z index - 12 = -3, z = 2 * x index + 100 = 112
  const inMm = await segment([...seeing, "--mm", "--click", "-3,-3,112", "-o", "mm.nii"]);
  expect(inMm.code).toBe(0);
  await writeFile(join(folder, "p.json"), JSON.stringify({ objects: [{ clicks: [{ at: [3, 5, 6] }] }] }));
  await segment([...seeing, "--prompts", "p.json", "-o", "file.nii"]);
  const expected = await readFile(join(folder, "voxel.nii"));
  expect((await readFile(join(folder, "mm.nii"))).equals(expected)).toBe(true);
  expect((await readFile(join(folder, "file.nii"))).equals(expected)).toBe(true);
});

test("a mask that the model did not see is doubted, with likely causes", async () => {
  const argv = ["ct.nii.gz", "--model", "blind.safetensors", "--box", "1,2,3,5,9,12", "-o", "doubt.npz"];
  const result = await segment(argv);
  expect(result.code).toBe(0);
  expect(result.error).toMatch(/object 1: the model saw nothing; the mask is its best guess .* check the order/);
  expect((result.rows[0]!.notes as string[]).at(-1)).toMatch(/the model saw nothing/);
  expect((await readChallengeCase(join(folder, "doubt.npz"), ["segs"])).segs!.shape).toEqual(shape);
});

test("--strict makes a doubted mask exit 1; it is written all the same", async () => {
  const argv = ["ct.nii.gz", "--model", "blind.safetensors", "--box", "1,2,3,5,9,12", "--strict"];
  const doubted = await segment([...argv, "-o", "strict.npz"]);
  expect([doubted.code, doubted.rows[0]!.type]).toEqual([1, "segmentation"]);
  expect((await readChallengeCase(join(folder, "strict.npz"), ["segs"])).segs!.shape).toEqual(shape);
});

test("a terminal gets a line for people instead of the row", async () => {
  const argv = [...seeing, "--box", "liver:1,2,3,5,9,12", "-o", "sub.nii.gz", "--device", "cpu"];
  const { output } = await callCommand(main, argv, { cwd: folder, streams: { outputIsTty: true } });
  const { labels } = await readLabels(join(folder, "sub.nii.gz"));
  const voxels = labels.data.filter((value) => value > 0).length;
  const volume = voxels * 6 < 1000 ? `${voxels * 6} mm³` : `${Number(((voxels * 6) / 1000).toPrecision(3))} ml`;
  expect(output).toMatch(new RegExp(`^sub\\.nii\\.gz: liver \\(label 1\\) ${voxels} voxels, ${volume}; [\\d.]+ s\n$`));
});

test("what is there is not replaced without --overwrite", async () => {
  const argv = [...seeing, "--click", "3,5,6", "-o", "once.nii.gz"];
  expect((await segment(argv)).code).toBe(0);
  const again = await segment(argv);
  expect([again.code, again.output]).toEqual([3, ""]);
  expect(again.error).toContain("once.nii.gz: expected no file yet, got one (--overwrite replaces it)");
  expect((await segment([...argv, "--overwrite"])).code).toBe(0);
});

test.each([
  [["--click", "3,5,16"], 2, "expected voxels with z 0 to 7, y 0 to 15, x 0 to 15"],
  [[], 2, "prompts: expected --box, --click or --prompts, got none"],
  [["--clik", "1,2,3"], 2, "--clik"],
  [["--click", "1,2,3", "--window", "wide"], 2, "--window: expected soft, lung, brain, bone"],
  [["--click", "1,2,3", "--prompts", "none.json"], 3, "none.json"],
])("%j ends with a clear message", async (argv, code, message) => {
  const result = await segment([...seeing, ...argv, "-o", "never.nii.gz"]);
  expect([result.code, result.output]).toEqual([code, ""]);
  expect(result.error).toContain(message);
});

test("an image or model that is not there, and an output of unknown kind, are told", async () => {
  const noImage = await segment(["gone.nii", "--model", "net.safetensors", "--click", "1,1,1", "-o", "a.nii"]);
  expect([noImage.code, noImage.error]).toEqual([3, expect.stringContaining("gone.nii: expected")]);
  const noModel = await segment(["ct.nii.gz", "--model", "runs/x", "--click", "1,1,1", "-o", "a.nii"]);
  expect([noModel.code, noModel.error]).toEqual([3, expect.stringContaining("runs/x: expected a .safetensors file")]);
  const jpeg = await segment([...seeing, "--click", "1,1,1", "-o", "a.jpg"]);
  expect([jpeg.code, jpeg.error]).toEqual([2, expect.stringContaining("expected a name ending in .nii.gz")]);
});

test("the image, the prompts and the model are never written over, whatever the flags, through links too", async () => {
  const before = await readFile(join(folder, "ct.nii.gz"));
  await writeFile(join(folder, "prompts.json"), '{"objects": [{"clicks": [{"at": [3, 5, 6]}]}]}');
  await symlink("ct.nii.gz", join(folder, "linked.nii.gz"));
  await link(join(folder, "prompts.json"), join(folder, "prompts.nii"));
  await symlink("net.safetensors", join(folder, "model.nii"));
  for (const output of ["ct.nii.gz", "linked.nii.gz", "prompts.nii", "model.nii"]) {
    const result = await segment([...seeing, "--prompts", "prompts.json", "-o", output, "--overwrite"]);
    expect([result.code, result.error]).toEqual([2, expect.stringContaining("an output that is not read as well")]);
  }
  expect((await readFile(join(folder, "ct.nii.gz"))).equals(before)).toBe(true);
});

test("the data file of a detached header is an input: no output goes onto it, through a link or by its name", async () => {
  const raw = Buffer.alloc(2 * shape[0] * shape[1] * shape[2], 7);
  await writeFile(join(folder, "v.raw"), raw);
  await symlink("v.raw", join(folder, "data.nii"));
  await writeFile(join(folder, "w.nrrd"), raw);
  const size = [...shape].reverse().join(" ");
  const meta = ["NDims = 3", `DimSize = ${size}`, "ElementType = MET_SHORT", "ElementDataFile = v.raw", ""];
  await writeFile(join(folder, "v.mhd"), meta.join("\n"));
  const nrrd = ["NRRD0004", "type: short", "dimension: 3", `sizes: ${size}`, "endian: little", "encoding: raw"];
  await writeFile(join(folder, "w.nhdr"), [...nrrd, "data file: w.nrrd", ""].join("\n"));
  const argv = ["--model", "net.safetensors", "--click", "3,5,6", "--overwrite"];
  const calls = [
    ["v.mhd", "-o", "data.nii"],
    ["w.nhdr", "-o", "w.nrrd"],
    ["ct.nii.gz", "--refine", "w.nhdr", "-o", "w.nrrd"],
  ];
  for (const call of calls) {
    const { code, error } = await segment([...call, ...argv]);
    expect([call, code, error]).toEqual([call, 2, expect.stringContaining("an output that is not read as well")]);
  }
  for (const name of ["v.raw", "w.nrrd"]) expect((await readFile(join(folder, name))).equals(raw)).toBe(true);
  expect((await segment(["v.mhd", ...argv, "-o", "other.nii"])).code).toBe(0);
});

test("a prompt file with a byte order mark is read, and an output that cannot be written is found before the model", async () => {
  await writeFile(join(folder, "bom.json"), `\uFEFF${JSON.stringify({ objects: [{ clicks: [{ at: [3, 5, 6] }] }] })}`);
  const read = await segment([...seeing, "--prompts", "bom.json", "-o", "bom.nii.gz"]);
  expect({ code: read.code, objects: (read.rows[0]!.objects as unknown[]).length }).toEqual({ code: 0, objects: 1 });
  const refused = await segment(["ct.nii.gz", "--model", "none", "--click", "1,1,1", "-o", "/proc/ensam/m.nii.gz"]);
  expect(refused.code).toBe(3);
  expect(refused.error).toContain("/proc/ensam/m.nii.gz: cannot be written");
});
