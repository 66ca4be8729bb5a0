import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asLines, callCommand } from "@ensam/core/command/testing";
import { readImage, readLabels, readNpz, writeNifti, writeSafetensors } from "@ensam/core/files";
import { type Affine, turnAffine, voxelToWorld } from "@ensam/core/geometry";
import { minuteConfig, minuteModel } from "@ensam/core/inference/testing";
import { turnGrid, type Zyx } from "@ensam/core/voxels";
import { afterAll, beforeAll, expect, test } from "vitest";
import { main } from "./main.ts";

const shape: Zyx = [8, 16, 16];
/** Voxels of 2 x 1 x 3 mm, the axes turned: array x runs up, y to the right, z to the front. */
const affine: Affine = [0, 1, 0, -8, 0, 0, 3, -12, 2, 0, 0, 100, 0, 0, 0, 1];
const values = Int16Array.from({ length: 2048 }, (_, i) => ((i * 37) % 2000) - 1000);
const at = (z: number, y: number, x: number) => (z * 16 + y) * 16 + x;
let folder: string;

/** Label 3: a box of voxels z 2 to 6, y 5 to 9, x 3 to 7. Label 260: two voxels. */
const truth = new Uint16Array(2048);
for (let z = 2; z <= 6; z++) for (let y = 5; y <= 9; y++) for (let x = 3; x <= 7; x++) truth[at(z, y, x)] = 3;
truth[at(7, 15, 14)] = 260;
truth[at(7, 15, 15)] = 260;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-test-"));
  const metadata = { config: JSON.stringify(minuteConfig) };
  await writeSafetensors(join(folder, "net.safetensors"), minuteModel(0) as never, metadata);
  await writeNifti(join(folder, "ct.nii.gz"), { data: values, shape }, affine);
  await writeNifti(join(folder, "truth.nii.gz"), { data: truth, shape }, affine);
  await writeNifti(join(folder, "empty.nii.gz"), { data: new Uint8Array(2048), shape }, affine);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const segment = (argv: readonly string[], input = "") =>
  callCommand(main, [...argv, "--device", "cpu"], { cwd: folder, input });
const seeing = ["ct.nii.gz", "--model", "net.safetensors"];
const bytes = (name: string) => readFile(join(folder, name));
const same = async (a: string, b: string) => (await bytes(a)).equals(await bytes(b));

test("--box-from and --click-from are the boxes and deepest voxels of a mask's labels", async () => {
  const typed = ["--box", "3:2,5,3,6,9,7", "--box", "260:7,15,14,7,15,15", "--click", "3:4,7,5"];
  const result = await segment([
    ...seeing,
    "--box-from",
    "truth.nii.gz",
    "--click-from",
    "truth.nii.gz",
    "-o",
    "from.nii",
  ]);
  expect(result.code).toBe(0);
  const objects = result.rows[0]!.objects as { label: number; clicks: unknown[]; box: unknown }[];
  const [deep] = objects[1]!.clicks as { at: Zyx }[];
  expect(truth[at(...(deep!.at as [number, number, number]))]).toBe(260);
  await segment([...seeing, ...typed, "--click", `260:${deep!.at.join()}`, "-o", "typed.nii"]);
  expect(objects.map(({ label, clicks }) => [label, clicks.length])).toEqual([
    [3, 1],
    [260, 1],
  ]);
  expect(objects[0]).toMatchObject({ box: [[2, 5, 3], [6, 9, 7]], clicks: [{ at: [4, 7, 5], kind: "fg" }] }); // biome-ignore format: short
  expect(await same("from.nii", "typed.nii")).toBe(true);
});

test("a mask stored with other axes than the image is turned onto it, and one of another place or without objects is refused", async () => {
  const turn = { order: [2, 0, 1], flips: [true, false, true] } as const;
  const turned = turnGrid({ data: truth, shape }, turn);
  await writeNifti(join(folder, "turned.nii.gz"), turned, turnAffine(turn, shape, affine));
  const result = await segment([...seeing, "--box-from", "turned.nii.gz", "-o", "turned-mask.nii"]);
  expect(result.error).toContain("--box-from");
  expect(result.error).toContain("turned from axes");
  expect((result.rows[0]!.objects as { box: unknown }[])[0]!.box).toEqual([
    [2, 5, 3],
    [6, 9, 7],
  ]);
  const empty = await segment([...seeing, "--box-from", "empty.nii.gz", "-o", "x.nii"]);
  expect([empty.code, empty.error]).toEqual([3, expect.stringContaining("expected a label map with objects")]);
  const moved = affine.map((value, i) => (i === 3 ? value + 40 : value));
  await writeNifti(join(folder, "moved.nii.gz"), { data: truth, shape }, moved);
  const elsewhere = await segment([...seeing, "--refine", "moved.nii.gz", "--click", "3:4,7,5", "-o", "x.nii"]);
  expect([elsewhere.code, elsewhere.error]).toEqual([
    3,
    expect.stringContaining("moved.nii.gz: expected the place of the image"),
  ]);
  expect(elsewhere.error).not.toContain("--label-header");
});

test("--refine starts from the mask, leaves labels without prompts alone, and takes background clicks alone", async () => {
  const click = ["--click", "3:4,7,5", "--zoom", "off"];
  // The same prompts with and without the mask: the box is that of the mask.
  const box3 = ["--box", "3:2,5,3,6,9,7", "--probabilities"];
  await segment([...seeing, ...click, ...box3, "fresh.npz", "-o", "fresh.nii"]);
  const result = await segment([
    ...seeing,
    ...click,
    "--refine",
    "truth.nii.gz",
    "--probabilities",
    "refined.npz",
    "-o",
    "refined.nii",
  ]);
  expect(result.code).toBe(0);
  expect(result.rows[0]!.notes).toContainEqual(expect.stringContaining("labels without prompts stay as they are: 260"));
  const chances = async (name: string) => (await readNpz(join(folder, name))).numbers("probabilities").data;
  expect(await chances("refined.npz")).not.toEqual(await chances("fresh.npz"));
  const refined = (await readLabels(join(folder, "refined.nii"))).labels.data;
  const only = (data: ArrayLike<number>, label: number) =>
    Array.from(data, (value) => (value === label ? 1 : 0)).join("");
  expect(only(refined, 260)).toBe(only(truth, 260));
  // Without a box of its own the object gets the mask's, with its foreground clicks.
  const background = await segment([...seeing, "--refine", "truth.nii.gz", "--click", "3:7,7,5,bg", "-o", "bg.nii"]);
  const wide = await segment([...seeing, "--refine", "truth.nii.gz", "--click", "3:1,7,5", "-o", "wide.nii"]);
  const box = ({ rows }: typeof wide) => (rows[0]!.objects as { box: unknown }[])[0]!.box;
  expect([background.code, box(background)]).toEqual([0, [[2, 5, 3], [6, 9, 7]]]); // biome-ignore format: short
  expect(box(wide)).toEqual([[1, 5, 3], [6, 9, 7]]); // biome-ignore format: short
  expect(wide.rows[0]!.notes).toContainEqual(expect.stringContaining("the box around the mask is that of 3"));
  const unknown = await segment([...seeing, "--refine", "truth.nii.gz", "--click", "4:3,7,5,bg", "-o", "no.nii"]);
  expect([unknown.code, unknown.error]).toEqual([
    2,
    expect.stringContaining("object 4: expected a box or a foreground click"),
  ]);
});

test("--probabilities are over one half where the mask is, as npz and as NIfTI", async () => {
  const argv = [...seeing, "--box", "1,2,3,5,9,12", "-o", "p.nii.gz"];
  const result = await segment([...argv, "--probabilities", "p.npz"]);
  expect(result.rows[0]!.probabilities).toEqual([join(folder, "p.npz")]);
  const mask = (await readLabels(join(folder, "p.nii.gz"))).labels.data;
  const npz = await readNpz(join(folder, "p.npz"));
  const stored = npz.numbers("probabilities") as unknown as { shape: number[]; data: Float32Array };
  expect(stored.shape).toEqual([1, ...shape]);
  expect(Array.from(stored.data, (value) => (value > 0.5 ? 1 : 0))).toEqual(Array.from(mask));
  expect(mask.some((value) => value === 1) && mask.some((value) => value === 0)).toBe(true);

  const two = await segment([...argv, "--overwrite", "--click", "300:6,12,12", "--probabilities", "q.nii.gz"]);
  expect(two.rows[0]!.probabilities).toEqual([join(folder, "q-1.nii.gz"), join(folder, "q-300.nii.gz")]);
  const first = await readImage(join(folder, "q-1.nii.gz"));
  expect(first.affine).toEqual(affine);
  expect(first.volume.data).toBeInstanceOf(Float32Array);
});

test("--statistics are those of the image's own values", async () => {
  const result = await segment([...seeing, "--box", "1,2,3,5,9,12", "--statistics", "-o", "s.nii.gz"]);
  const [object] = result.rows[0]!.objects as [
    { voxels: number; extent: [Zyx, Zyx]; statistics: Record<string, never> },
  ];
  const mask = (await readLabels(join(folder, "s.nii.gz"))).labels.data;
  const inside = [...values].filter((_, i) => mask[i] === 1).sort((a, b) => a - b);
  const mean = inside.reduce((a, b) => a + b) / inside.length;
  const deviation = Math.sqrt(inside.reduce((sum, value) => sum + (value - mean) ** 2, 0) / inside.length);
  const { statistics, extent } = object;
  expect(statistics.ml).toBeCloseTo((inside.length * 6) / 1000, 5); // 2 x 1 x 3 mm
  expect(statistics.mean).toBeCloseTo(mean, 2);
  expect(statistics.standardDeviation).toBeCloseTo(deviation, 2);
  expect(statistics.percentiles).toMatchObject({ 0: inside[0], 100: inside.at(-1) });
  const spans = extent[1].map((last, axis) => last - extent[0][axis]! + 1);
  expect(statistics.extentMm).toEqual([spans[0]! * 3, spans[1]! * 1, spans[2]! * 2]);
  const places = [...mask.keys()].filter((i) => mask[i] === 1);
  const center = [0, 1, 2].map((axis) => {
    const index = (i: number) => [Math.floor(i / 256), Math.floor(i / 16) % 16, i % 16][axis]!;
    return places.reduce((sum, i) => sum + index(i), 0) / places.length;
  }) as unknown as Zyx;
  expect(statistics.centerRas).toEqual(voxelToWorld(affine, center).map((value) => expect.closeTo(value, 3)));
});

const markups = {
  markups: [
    { type: "ROI", coordinateSystem: "RAS", center: [-1, -1.5, 115], size: [8, 15, 20] },
    { type: "Fiducial", coordinateSystem: "LPS", controlPoints: [{ label: "F-1", position: [3, 3, 112] }] },
  ],
};

test("Slicer's files give the same mask as the same prompts typed, for the object that the flag names", async () => {
  await writeFile(join(folder, "F.mrk.json"), JSON.stringify(markups));
  const result = await segment([...seeing, "--prompts", "tumour:F.mrk.json", "-o", "slicer.nii"]);
  const [object] = result.rows[0]!.objects as [{ name: string; box: [Zyx, Zyx]; clicks: { at: Zyx }[] }];
  // Right -3 = y 5; front -3 = z 3; up 112 = x 6. Right -5 to 3: y 3 to 11; front -9 to 6: z 1 to 6; up 105 to 125: x
  // 2.5 to 12.5.
  expect(object).toMatchObject({ name: "tumour", clicks: [{ at: [3, 5, 6] }], box: [[1, 3, 3], [6, 11, 12]] }); // biome-ignore format: short
  await segment([...seeing, "--box", "tumour:1,3,3,6,11,12", "--click", "tumour:3,5,6", "-o", "same.nii"]);
  expect(await same("slicer.nii", "same.nii")).toBe(true);
});

test.each([
  [
    ["--scribble", "1,2,3"],
    "--scribble: expected a known option; scribbles are not taken: a few --click along the stroke",
  ],
  [["--lasso", "x"], "--lasso: expected a known option; lassos, polygons and curves are not taken"],
  [["--bbox-2d", "1,2,3,4"], "--bbox-2d: expected a known option; boxes in one slice are not taken"],
  [["--box", "1,1,1,2,2,2", "--preview", "p.jpg"], "--preview"],
  [["--box", "1,1,1,2,2,2", "--probabilities", "p.raw"], "expected a name ending in .npz, .nii.gz or .nii"],
  [["--coords", "lps", "--mm", "--click", "1,1,1"], "--mm is --coords ras"],
])("%j is refused, with what to use instead", async (argv, message) => {
  const result = await segment([...seeing, ...argv, "-o", "never.nii"]);
  expect([result.code, result.output]).toEqual([2, ""]);
  expect(result.error).toContain(message);
});

const request = (more: object) => ({ type: "request", image: "ct.nii.gz", ...more });
const clicked = [{ clicks: [{ at: [3, 5, 6] }] }];

test("a batch segments each image with one model, and what fails costs its case only", async () => {
  await writeFile(join(folder, "p.json"), JSON.stringify({ objects: clicked }));
  const rows = [
    request({ case: "typed", objects: clicked }),
    request({ case: "gone", image: "gone.nii.gz", objects: clicked }),
    request({ case: "outside", objects: [{ clicks: [{ at: [3, 5, 99] }] }] }),
    request({ case: "mm", space: "lps", objects: [{ clicks: [{ at: [3, 3, 112] }] }] }),
    request({ case: "file", prompts: "p.json", mask: "masks/own.nii" }),
    request({ case: "mask", box_from: "truth.nii.gz" }),
    request({ case: "stray", box: [[1, 2, 3], [3, 4, 5]] }), // biome-ignore format: short
    request({ case: "painted", objects: [{ scribbles: [] }] }),
    request({ case: "typed", objects: clicked }),
  ];
  await writeFile(join(folder, "requests.ndjson"), asLines(rows));
  const {
    code,
    rows: out,
    error,
  } = await segment(["--batch", "requests.ndjson", "--model", "net.safetensors", "-o", "masks"]);
  expect(out.map(({ type, case: name }) => [type, name])).toEqual([
    ["segmentation", "typed"],
    ["failure", "gone"],
    ["failure", "outside"],
    ["segmentation", "mm"],
    ["segmentation", "file"],
    ["segmentation", "mask"],
    ["failure", "stray"],
    ["failure", "painted"],
    ["failure", "typed"],
  ]);
  expect(code).toBe(1);
  expect(error.match(/^device: /gm)).toHaveLength(1);
  const errors = out.map((row) => row.error as string | undefined);
  expect(errors[2]).toContain("expected voxels with z 0 to 7");
  expect(errors[6]).toContain('expected prompts in objects[] or a file, got "box"');
  expect(errors[7]).toContain("scribbles are not taken");
  expect(errors[8]).toContain(`expected a mask of its own, got that of ${join(folder, "requests.ndjson")}:1`);
  await segment([...seeing, "--click", "3,5,6", "-o", "single.nii.gz"]);
  expect(await same("single.nii.gz", "masks/typed.nii.gz")).toBe(true);
  expect(await same("masks/typed.nii.gz", "masks/mm.nii.gz")).toBe(true);
  expect((await readLabels(join(folder, "masks/own.nii"))).labels.shape).toEqual(shape);
});

test("a batch from a pipe may write pictures and probabilities; one of which all fail exits 3, and its own prompts are refused", async () => {
  const good = asLines([request({ objects: clicked })]);
  const argv = ["--batch", "-", "--model", "net.safetensors", "-o", "piped"];
  const piped = await segment([...argv, "--preview", "pictures", "--probabilities", "chances"], good);
  expect(piped.code).toBe(0);
  expect(piped.rows[0]).toMatchObject({ case: "ct", preview: join(folder, "pictures/ct.png") });
  expect((await bytes("pictures/ct.png")).subarray(1, 4).toString()).toBe("PNG");
  expect((await bytes("chances/ct.npz")).length).toBeGreaterThan(1000);
  const bad = await segment([...argv, "--overwrite"], asLines([request({ image: "gone.nii", objects: clicked })]));
  expect([bad.code, bad.rows.map(({ type }) => type)]).toEqual([3, ["failure"]]);
  const both = await segment([...argv, "--click", "1,1,1"], good);
  expect([both.code, both.error]).toEqual([2, expect.stringContaining("got --click too")]);
  const none = await segment([...argv, "--model", "nowhere"], good);
  expect([none.code, none.output]).toEqual([3, ""]);
});

test("a batch that is run again makes only what is missing, and never replaces what is not its own", async () => {
  await writeFile(join(folder, "again.json"), JSON.stringify({ objects: clicked }));
  const rows = asLines(["a", "b", "c"].map((name) => request({ case: name, prompts: join(folder, "again.json") })));
  const again = () => segment(["--batch", "-", "--model", "net.safetensors", "-o", "again"], rows);
  const times = async () => Promise.all(["a", "b", "c"].map(async (name) => (await stat(path(name))).mtimeMs));
  const path = (name: string) => join(folder, `again/${name}.nii.gz`);
  const first = await again();
  const before = await times();
  await rm(path("b"));
  await writeFile(`${path("c")}.made.json`, JSON.stringify({ origin: JSON.parse(await readFile(`${path("c")}.made.json`, "utf8")).origin })); // biome-ignore format: long
  const second = await again();
  expect(second.code).toBe(0);
  expect(second.rows[0]).toEqual(first.rows[0]);
  const after = await times();
  expect(after.map((time, i) => time === before[i])).toEqual([true, false, false]);

  await writeFile(path("a"), "edited by hand");
  await writeFile(join(folder, "again.json"), JSON.stringify({ objects: [{ clicks: [{ at: [4, 5, 6] }] }] }));
  const third = await again();
  expect([third.code, third.rows.map(({ type }) => type)]).toEqual([3, ["failure", "failure", "failure"]]);
  expect(await readFile(path("a"), "utf8")).toBe("edited by hand");
});

test("objects from a mask keep the names that it gives to its labels", async () => {
  const first = await segment([...seeing, "--box", "spleen:2,5,3,6,9,7", "-o", "spleen.nii.gz"]);
  expect(first.code).toBe(0);
  const argv = ["--refine", "spleen.nii.gz", "--click", "1:4,7,5"];
  const refined = await segment([...seeing, ...argv, "-o", "better.nii.gz"]);
  expect(refined.rows[0]!.objects).toMatchObject([{ label: 1, name: "spleen" }]);
  const byName = await segment([
    ...seeing,
    "--refine",
    "spleen.nii.gz",
    "--click",
    "spleen:4,7,5,bg",
    "-o",
    "by-name.nii.gz",
  ]);
  expect(byName.rows[0]!.objects).toMatchObject([{ label: 1, name: "spleen" }]);
});

test("the mask, the probabilities and the picture may not be inputs or one another", async () => {
  const before = await bytes("truth.nii.gz");
  for (const argv of [
    ["--refine", "truth.nii.gz", "--click", "3:4,7,5", "-o", "truth.nii.gz"],
    ["--click", "3:4,7,5", "--probabilities", "ct.nii.gz", "-o", "new.nii.gz"],
    ["--click", "3:4,7,5", "--probabilities", "new.nii.gz", "-o", "new.nii.gz"],
  ]) {
    const result = await segment([...seeing, ...argv, "--overwrite"]);
    expect([result.code, result.output]).toEqual([2, ""]);
  }
  expect((await bytes("truth.nii.gz")).equals(before)).toBe(true);
});
