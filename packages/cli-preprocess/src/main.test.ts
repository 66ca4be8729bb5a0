import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { asLines, callCommand } from "@ensam/core/command/testing";
import { readChallengeCase, readNpz } from "@ensam/core/files";
import { expect, test } from "vitest";
import { main } from "./main.ts";
import { emptyFolder, fourVoxels, type TestVolume, writeSource } from "./testing/sources.ts";

async function preprocess(cwd: string, rows: readonly unknown[], argv: readonly string[] = []) {
  return callCommand(main, ["-o", "data", "--quiet", ...argv], { cwd, input: asLines(rows) });
}

async function greyLevels(volume: TestVolume, more: Record<string, unknown>, argv: readonly string[] = []) {
  const cwd = await emptyFolder();
  const row = await writeSource(cwd, "a", volume, more);
  const { error } = await preprocess(cwd, [row], argv);
  expect(error).toBe("");
  return [...(await readChallengeCase(join(cwd, "data", "a.npz"))).imgs!.data];
}

/** The grid of the image file, by which masks find back to it. */
const sourceKeys = ["source_affine", "source_shape", "source_turn"];

test("a source becomes an npz of the challenge and a case row", async () => {
  const cwd = await emptyFolder();
  const row = await writeSource(cwd, "a", fourVoxels, { labels: { "1": "liver", "2": "spleen" } });
  const { code, rows, error } = await preprocess(cwd, [row]);
  expect({ code, error }).toEqual({ code: 0, error: "" });
  expect(rows).toEqual([
    {
      type: "case",
      case: "a",
      modality: "CT",
      dataset: "CT_Test",
      npz: join(cwd, "data", "a.npz"),
      shape: [1, 1, 4],
      spacing: [3, 0.5, 0.5],
      labels: { "1": { voxels: 2, name: "liver" } },
    },
  ]);
  const archive = await readNpz(join(cwd, "data", "a.npz"));
  expect(archive.keys()).toEqual(["imgs", "gts", "spacing", ...sourceKeys]);
  // soft window -160..240: -500 is clipped to -160; (40 + 160) / 400 * 255 = 127.5
  expect(archive.numbers("imgs")).toMatchObject({ dtype: "|u1", data: Uint8Array.of(0, 127, 255, 255) });
  expect(archive.numbers("gts")).toMatchObject({ dtype: "|u1", data: Uint8Array.of(0, 0, 1, 1) });
  expect(archive.numbers("spacing")).toMatchObject({ dtype: "<f8", data: Float64Array.of(0.5, 0.5, 3) });
});

test("the window of the row wins over the flag, the flag over soft tissue", async () => {
  // bone, 1800/400: -500..1300, stretched to the extremes of the clipped image, -500..1000
  expect(await greyLevels(fourVoxels, { window: "bone" }, ["--window", "lung"])).toEqual([0, 91, 125, 255]);
  // 100/40: -10..90; (40 + 10) / 100 * 255 = 127.5
  expect(await greyLevels(fourVoxels, {}, ["--window", "100/40"])).toEqual([0, 127, 255, 255]);
});

test("an image without label has no gts and no labels in its row", async () => {
  const cwd = await emptyFolder();
  const { rows } = await preprocess(cwd, [await writeSource(cwd, "a", { ...fourVoxels, label: undefined })]);
  expect(rows[0]!.labels).toEqual({});
  expect((await readNpz(join(cwd, "data", "a.npz"))).keys()).toEqual(["imgs", "spacing", ...sourceKeys]);
});

test("only bytes stay as they are, unless grey levels are passed through", async () => {
  const shape = [1, 1, 4];
  expect(await greyLevels({ image: Uint8Array.of(3, 7, 9, 200), shape }, { modality: "MR" })).toEqual([3, 7, 9, 200]);
  const sixteenBits = { image: Int16Array.of(0, 7, 9, 20), shape };
  expect(await greyLevels(sixteenBits, { modality: "US" }, ["--pass-through"])).toEqual([0, 7, 9, 20]);
  const cwd = await emptyFolder();
  const signed = await writeSource(cwd, "a", { image: Int16Array.of(-3, 7, 9, 20), shape }, { modality: "US" });
  const refused = await preprocess(cwd, [signed], ["--pass-through"]);
  expect(refused.code).toBe(3);
  expect(refused.error).toContain("image: expected grey levels in [0, 255] to pass through, got -3");
  // of 7, 9, 20: the 0.5 percentile is 7.02 and the 99.5 percentile 19.89; (9 - 7.02) / 12.87 * 255 = 39.2
  expect(await greyLevels(sixteenBits, { modality: "US" })).toEqual([0, 0, 39, 255]);
  // of 2, 4, 256: the 0.5 percentile is 2.02 and the 99.5 percentile 253.48; (4 - 2.02) / 251.46 * 255 = 2.008
  expect(await greyLevels({ image: Int16Array.of(0, 2, 4, 256), shape }, { modality: "MR" })).toEqual([0, 0, 2, 255]);
  // of 1, 2, 3: the 0.5 percentile is 1.01 and the 99.5 percentile 2.99; (2 - 1.01) / 1.98 * 255 = 127.5
  const suv = { image: Float32Array.of(0, 1, 2, 3), shape };
  expect(await greyLevels(suv, { modality: "PET" })).toEqual([0, 0, 127, 255]);
});

test("labels over 255 are kept in a wider type and never wrap", async () => {
  const cwd = await emptyFolder();
  const rows = [];
  for (const [name, label] of [
    ["a", Int32Array.of(0, 1, 255, 2)],
    ["b", Int32Array.of(0, 1, 256, 2)],
    ["c", Int32Array.of(0, 1, 70_000, 2)],
  ] as const) {
    rows.push(await writeSource(cwd, name, { ...fourVoxels, label }));
  }
  await preprocess(cwd, rows);
  const types = [];
  for (const name of ["a", "b", "c"]) {
    const { dtype, data } = (await readNpz(join(cwd, "data", `${name}.npz`))).numbers("gts");
    types.push([dtype, data[2]]);
  }
  expect(types).toEqual([
    ["|u1", 255],
    ["<u2", 256],
    ["<i4", 70_000],
  ]);
});

test("each broken case is one clear failure row, and the others are done", async () => {
  const cwd = await emptyFolder();
  const good = await writeSource(cwd, "good", fourVoxels);
  await writeFile(join(cwd, "cut.npz"), (await readFile(join(cwd, "good.npz"))).subarray(0, 200));
  await writeFile(join(cwd, "text.npz"), "this is not an archive");
  const rows = [
    good,
    { ...good, case: "missing", image: "none.npz" },
    { ...good, case: "cut", image: "cut.npz" },
    { ...good, case: "text", image: "text.npz" },
    { ...good, case: "key", image_key: "image" },
    await writeSource(cwd, "shape", { ...fourVoxels, labelShape: [1, 2, 2] }),
    await writeSource(cwd, "empty", { ...fourVoxels, label: new Uint8Array(4) }),
    await writeSource(cwd, "nan", {
      ...fourVoxels,
      image: Float32Array.of(Number.NaN, 1, 2, Number.POSITIVE_INFINITY),
    }),
    await writeSource(cwd, "half", { ...fourVoxels, label: Float32Array.of(0, 0.5, 1, 1) }),
    { ...good, case: "window", window: "skin" },
    { ...good, case: "last" },
  ];
  const { code, rows: got, error } = await preprocess(cwd, rows);
  expect(code).toBe(1);
  expect(got.map((row) => row.case)).toEqual(rows.map((row) => row.case));
  expect(got.filter((row) => row.type === "case").map((row) => row.case)).toEqual(["good", "last"]);
  const errors = Object.fromEntries(got.map((row) => [row.case, row.error]));
  expect(errors.missing).toContain("none.npz: expected an existing file or folder, found none");
  expect(errors.cut).toContain("cut.npz: expected");
  expect(errors.text).toContain("text.npz: expected");
  expect(errors.key).toContain(
    'key.npz: expected the key "image", got vol, spacing, seg'.replace("key.npz", "good.npz"),
  );
  expect(errors.shape).toContain("shape.npz: expected the image's shape (z, y, x) = [1, 1, 4], got [1, 2, 2]");
  expect(errors.empty).toBe("label: expected at least one labelled voxel, got none");
  expect(errors.nan).toBe(
    "image: expected finite values, got 2 voxels that are NaN or infinite; --nan zero makes them 0",
  );
  expect(errors.half).toContain(
    "half.npz: expected labels that are whole numbers from 0, got 0.5 at (z, y, x) = (0, 0, 1)",
  );
  expect(errors.window).toContain("window: expected one of soft, lung, brain, bone, or width/level in HU");
  expect(error.trim().split("\n")).toHaveLength(9 + 1); // one line each, and the count
  expect(error).not.toContain("    at ");
});

test("--nan zero makes voxels that are not finite 0 and leaves them out of the percentiles", async () => {
  const image = Float32Array.of(Number.NaN, 1, 2, Number.POSITIVE_INFINITY);
  // of 1, 2: percentiles 1.005 and 1.995, so 1 becomes 0 and 2 becomes 255
  expect(await greyLevels({ image, shape: [1, 1, 4] }, { modality: "MR" }, ["--nan", "zero"])).toEqual([0, 0, 255, 0]);
});

test("two sources of one name are refused before anything is written", async () => {
  const cwd = await emptyFolder();
  const row = await writeSource(cwd, "a", fourVoxels);
  const { code, error, output } = await preprocess(cwd, [row, { ...row, case: "b" }, row]);
  expect(code).toBe(3);
  expect(error).toBe('ensam-preprocess: stdin:3: case: expected a name of its own, got "a" as in stdin:1\n');
  expect(output).toBe("");
});

test("the same bytes come out whatever the number of jobs", async () => {
  const cwd = await emptyFolder();
  const names = ["a", "b", "c", "d", "e"];
  const rows = await Promise.all(names.map((name) => writeSource(cwd, name, fourVoxels)));
  const outputs = [];
  for (const jobs of ["1", "3"]) {
    const { output } = await callCommand(main, ["-o", `data${jobs}`, "-j", jobs, "--quiet"], {
      cwd,
      input: asLines(rows),
    });
    const files = await Promise.all(names.map((name) => readFile(join(cwd, `data${jobs}`, `${name}.npz`), "hex")));
    outputs.push([output.replaceAll(`data${jobs}/`, ""), files]);
  }
  expect(outputs[0]).toEqual(outputs[1]);
});

test("what is up to date is not made again, and its row is the same", async () => {
  const cwd = await emptyFolder();
  const row = await writeSource(cwd, "a", fourVoxels);
  const npz = join(cwd, "data", "a.npz");
  const first = await preprocess(cwd, [row]);
  await utimes(npz, 1000, 1000);
  const made = async () => (await stat(npz)).mtimeMs !== 1_000_000;
  const second = await preprocess(cwd, [row]);
  expect([second.output, await made()]).toEqual([first.output, false]);
  await preprocess(cwd, [row], ["--overwrite"]);
  expect(await made()).toBe(true);
  await utimes(npz, 1000, 1000);
  await preprocess(cwd, [row], ["--window", "bone"]);
  expect(await made()).toBe(true);
  await utimes(npz, 1000, 1000);
  await writeSource(cwd, "a", { ...fourVoxels, label: Uint8Array.of(0, 1, 1, 1) });
  expect((await preprocess(cwd, [row], ["--window", "bone"])).rows[0]!.labels).toEqual({ "1": { voxels: 3 } });
  expect(await made()).toBe(true);
});

test("a run that was stopped between npz and note goes on", async () => {
  const cwd = await emptyFolder();
  const row = await writeSource(cwd, "a", fourVoxels);
  const { output } = await preprocess(cwd, [row]);
  const note = join(cwd, "data", ".ensam", "a.json");
  const { madeFrom } = JSON.parse(await readFile(note, "utf8"));
  await writeFile(note, JSON.stringify({ madeFrom }));
  expect(await preprocess(cwd, [row])).toMatchObject({ code: 0, output });
});

test("the note that a file is ours is written before the file", async () => {
  const cwd = await emptyFolder();
  const row = await writeSource(cwd, "a", fourVoxels);
  await mkdir(join(cwd, "data", "a.npz"), { recursive: true }); // a folder in the way of the npz
  expect((await preprocess(cwd, [row], ["--overwrite"])).code).toBe(3);
  const note = JSON.parse(await readFile(join(cwd, "data", ".ensam", "a.json"), "utf8"));
  expect(Object.keys(note)).toEqual(["madeFrom"]);
});

test("a file that this command did not make is not replaced", async () => {
  const cwd = await emptyFolder();
  const row = await writeSource(cwd, "a", fourVoxels);
  await mkdir(join(cwd, "data"));
  await writeFile(join(cwd, "data", "a.npz"), "precious");
  const { code, rows } = await preprocess(cwd, [row]);
  expect(code).toBe(3);
  expect(rows[0]!.error).toContain(
    "expected no file, or one made by this command, got another; --overwrite replaces it",
  );
  expect(await readFile(join(cwd, "data", "a.npz"), "utf8")).toBe("precious");
  expect((await preprocess(cwd, [row], ["--overwrite"])).code).toBe(0);
});

test("--labelled-slices keeps the slices with a label", async () => {
  const cwd = await emptyFolder();
  const shape = [4, 1, 2];
  const volume = { image: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), label: Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 2), shape };
  const row = await writeSource(cwd, "a", volume);
  const { rows, error } = await callCommand(main, ["-o", "data", "--labelled-slices", "--explain"], {
    cwd,
    input: asLines([row]),
  });
  expect(rows[0]).toMatchObject({ shape: [2, 1, 2], labels: { "1": { voxels: 1 }, "2": { voxels: 1 } } });
  const { imgs, gts } = await readChallengeCase(join(cwd, "data", "a.npz"));
  expect([[...imgs!.data], [...gts!.data]]).toEqual([
    [3, 4, 7, 8],
    [1, 0, 0, 2],
  ]);
  expect(error).toContain("a: slices: kept 2 of 4 (those with a label; 1 lay between)");
});

test("--explain says what was read, decided and lost", async () => {
  const cwd = await emptyFolder();
  const row = await writeSource(cwd, "a", fourVoxels, { labels: { "1": "liver", "7": "spleen" } });
  const { error } = await callCommand(main, ["-o", "data", "--explain"], { cwd, input: asLines([row]) });
  expect(error.split("\n")).toEqual([
    "a: read: npz <i2, 1 x 1 x 4 voxels (z, y, x) of 3 x 0.5 x 0.5 mm, axes without direction",
    "a: no orientation is stored; x is taken to run left, y to the back, z up",
    "a: grey levels: window 400/40 HU, -160..240 to 0..255; clipped 25.0 % of the voxels below and 25.0 % above",
    "a: label map: no orientation is stored; x is taken to run left, y to the back, z up",
    "a: labels: 1 liver (2 voxels)",
    "a: labels named but without a voxel: 7",
    "a: labels: stored as uint8",
    "a: voxels stay in the order of the file",
    "",
  ]);
});

test("rows redirected into any folder are read from any other, and --relative makes a folder that can move", async () => {
  const cwd = await emptyFolder();
  for (const folder of ["raw", "lists", "elsewhere"]) await mkdir(join(cwd, folder));
  await writeFile(join(cwd, "raw", "sources.ndjson"), asLines([await writeSource(join(cwd, "raw"), "a", fourVoxels)]));
  const argv = ["raw/sources.ndjson", "-o", "out/npz", "--quiet"];
  const made = await callCommand(main, argv, { cwd });
  expect(made.rows[0]!.npz).toBe(join(cwd, "out", "npz", "a.npz"));
  const movable = await callCommand(main, [...argv, "--relative", "out"], { cwd });
  expect(movable.rows[0]!.npz).toBe("npz/a.npz");
  // `> lists/listed.ndjson` in one folder, read in another: source rows are read again by this command.
  const listed = await callCommand(main, ["--images", "raw", "--modality", "CT"], { cwd });
  await writeFile(join(cwd, "lists", "listed.ndjson"), listed.output.replace('"type"', '"image_key":"vol","type"'));
  const read = await callCommand(main, ["../lists/listed.ndjson", "-o", "npz"], { cwd: join(cwd, "elsewhere") });
  expect(read.rows).toMatchObject([{ type: "case", npz: join(cwd, "elsewhere", "npz", "a.npz") }]);
});

test("an output folder that cannot be one is a single line and exit code 3", async () => {
  const cwd = await emptyFolder();
  const row = await writeSource(cwd, "a", fourVoxels);
  for (const folder of ["a.npz", "a.npz/sub", "/dev/full", "/dev/full/sub"]) {
    const { code, error } = await callCommand(main, ["-o", folder], { cwd, input: asLines([row]) });
    expect(code).toBe(3);
    expect(error).toMatch(
      /^ensam-preprocess: output folder .*: expected a folder, got a file in its place \(E\w+\)\n$/,
    );
  }
});

test("an output that cannot be written fails its case only", async () => {
  const cwd = await emptyFolder();
  const rows = [await writeSource(cwd, "a", fourVoxels), await writeSource(cwd, "b", fourVoxels)];
  await mkdir(join(cwd, "data", ".ensam", "a.json"), { recursive: true }); // a folder in the way of the note
  const { code, rows: got } = await preprocess(cwd, rows);
  expect(code).toBe(1);
  expect(got.map((row) => row.type)).toEqual(["failure", "case"]);
});

test.each([
  [[], 2, "--out: expected the folder for the npz files, got none"],
  [["-o", "d", "--window", "0/40"], 2, "--window: expected soft, lung, brain, bone, or width/level such as 400/40"],
  [["-o", "d", "--explian"], 2, "--explian: expected a known option; did you mean --explain?"],
  [["--index", "x", "y.ndjson"], 2, "y.ndjson: expected no sources with --index, got an argument"],
])("%j is refused", async (argv, expected, message) => {
  const { code, error } = await callCommand(main, argv);
  expect(code).toBe(expected);
  expect(error).toContain(message);
});

test("a source row without its image is named with file and line", async () => {
  const cwd = await emptyFolder();
  const { code, error } = await preprocess(cwd, [{ type: "source", case: "a", modality: "CT", dataset: "CT_A" }]);
  expect(code).toBe(3);
  expect(error).toBe("ensam-preprocess: stdin:1: image: expected string, got nothing\n");
  await rm(cwd, { recursive: true });
});

test("a source is never written over, whatever the flags: its own, another case's, through a link, or the rows", async () => {
  const cwd = await emptyFolder();
  const [a, b] = [await writeSource(cwd, "a", fourVoxels), await writeSource(cwd, "b", fourVoxels)];
  const before = await readFile(join(cwd, "a.npz"));
  await mkdir(join(cwd, "data"));
  await symlink(join(cwd, "a.npz"), join(cwd, "data", "c.npz"));
  const calls: [object[], string][] = [
    [[a], "."],
    [
      [
        { ...b, case: "a" },
        { ...a, case: "other" },
      ],
      ".",
    ],
    [[b, { ...a, case: "other", image: "b.npz", label: "a.npz" }, { ...b, case: "a" }], "."],
    [[a, { ...b, case: "c" }], "data"],
  ];
  for (const [rows, output] of calls) {
    const { code, error } = await callCommand(main, ["-o", output, "--overwrite"], { input: asLines(rows), cwd });
    expect([code, error]).toEqual([2, expect.stringContaining("expected an output that is not read as well")]);
  }
  expect((await readFile(join(cwd, "a.npz"))).equals(before)).toBe(true);
  await writeFile(join(cwd, "rows.npz"), asLines([{ ...a, case: "rows" }]));
  expect((await callCommand(main, ["rows.npz", "-o", ".", "--overwrite"], { cwd })).code).toBe(2);
});

test("nor is the data file of a detached header", async () => {
  const cwd = await emptyFolder();
  const values = Buffer.from("values..");
  await writeFile(join(cwd, "p.npz"), values);
  const meta = ["NDims = 3", "DimSize = 2 2 2", "ElementType = MET_UCHAR", "ElementDataFile = p.npz", ""].join("\n");
  await writeFile(join(cwd, "p.mhd"), meta);
  const row = { type: "source", case: "p", modality: "CT", dataset: "CT_A", image: "p.mhd" };
  const { code, error } = await callCommand(main, ["-o", ".", "--overwrite"], { input: asLines([row]), cwd });
  expect([code, error]).toEqual([2, expect.stringContaining("expected an output that is not read as well")]);
  expect((await readFile(join(cwd, "p.npz"))).equals(values)).toBe(true);
});

test("several that write into one folder at once never fail each other, whatever each makes", async () => {
  const cwd = await emptyFolder();
  const image = Int16Array.from({ length: 512 }, (_, i) => ((i * 7919) % 3000) - 1000); // Each window gives another size.
  const rows: object[] = [];
  for (const name of ["a", "b", "c", "d", "e", "f"])
    rows.push(await writeSource(cwd, name, { image, shape: [8, 8, 8] }));
  const run = (out: string, window: string) =>
    callCommand(main, ["-o", out, "--window", window, "-j", "3"], { input: asLines(rows), cwd });
  const bytesOf = (out: string) => readFile(join(cwd, out, "b.npz"), "base64");
  for (let round = 0; round < 3; round++) {
    const calls = ["soft", "lung", "soft", "bone"].map((window) => run("data", window));
    for (const { code, error } of await Promise.all(calls)) expect([code, error]).toEqual([0, ""]);
  }
  // What the last one noted is true: the same again is up to date, another is made again.
  for (const window of ["soft", "lung"]) {
    await run("data", window);
    await run(window, window);
    expect(await bytesOf("data")).toBe(await bytesOf(window));
  }
});

test("all npz files are made though the reader of the rows has left", async () => {
  const cwd = await emptyFolder();
  const rows = [];
  for (const name of ["a", "b", "c"]) rows.push(await writeSource(cwd, name, fourVoxels));
  const output = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    },
  });
  const { code } = await callCommand(main, ["-o", "data"], { input: asLines(rows), cwd, streams: { output } });
  expect(code).toBe(0);
  expect((await readdir(join(cwd, "data"))).sort()).toEqual([".ensam", "a.npz", "b.npz", "c.npz"]);
});

test("only the data file of a detached header changed: the case is made again", async () => {
  const cwd = await emptyFolder();
  const row = await writeSource(cwd, "a", { image: fourVoxels.image, shape: [1, 1, 4] });
  const header = "ObjectType = Image\nNDims = 3\nDimSize = 4 1 1\nElementType = MET_UCHAR\nElementDataFile = l.raw\n";
  await writeFile(join(cwd, "l.mhd"), header);
  await writeFile(join(cwd, "l.raw"), Uint8Array.of(0, 0, 1, 1));
  const rows = [{ ...row, label: "l.mhd" }];
  await preprocess(cwd, rows);
  await writeFile(join(cwd, "l.raw"), Uint8Array.of(1, 0, 0, 2));
  await utimes(join(cwd, "l.raw"), 1, 1);
  await preprocess(cwd, rows);
  expect([...(await readChallengeCase(join(cwd, "data", "a.npz"))).gts!.data]).toEqual([1, 0, 0, 2]);
});

test("names may list the background, as other tools do", async () => {
  const cwd = await emptyFolder();
  const row = await writeSource(cwd, "a", fourVoxels, { labels: { "0": "background", "1": "liver" } });
  const { code, rows, error } = await preprocess(cwd, [row], ["--explain"]);
  expect({ code, error }).toEqual({ code: 0, error: "" });
  expect(rows[0]!.labels).toEqual({ "1": { voxels: 2, name: "liver" } });
});

const ramp = (length: number, at: (i: number) => number) => Int16Array.from({ length }, (_, i) => at(i));
test.each([
  ["a CT with 1024 added", { image: ramp(1000, (i) => (i < 300 ? 24 : 1024 + (i % 50))) }, "CT", /no voxel is below 0/],
  [
    "a CT in thousandths of HU",
    { image: Int32Array.from({ length: 1000 }, (_, i) => 1000 * (i - 500)) },
    "CT",
    /the CT window leaves 3 of more/,
  ],
  ["ultrasound in dB", { image: ramp(1000, (i) => -60 + (i % 50)) }, "US", /percentiles of all voxels were taken/],
  ["one hot voxel", { image: ramp(1000, (i) => (i === 5 ? 3000 : 0)) }, "MR", /extremes of the voxels were taken/],
  ["an empty image", { image: new Int16Array(1000) }, "MR", /every voxel is the same/],
  ["an image for a label map", { image: ramp(1000, (i) => i), label: ramp(1000, (i) => i % 200) }, "MR", /199 of them/],
  ["a full label map", { image: ramp(1000, (i) => i), label: ramp(1000, (i) => 1 + (i % 2)) }, "MR", /no background/],
])("%s is remarked on, again when it is up to date, and its case is done", async (_, volume, modality, words) => {
  const cwd = await emptyFolder();
  const row = await writeSource(cwd, "a", { ...volume, shape: [10, 10, 10] }, { modality });
  for (const time of ["first", "again"]) {
    const { code, error } = await preprocess(cwd, [row]);
    expect({ time, code }).toEqual({ time, code: 0 });
    expect(error).toMatch(words);
  }
});

test("labels that the names lack are remarked on; cells in microscopy may be many", async () => {
  const cwd = await emptyFolder();
  const image = ramp(1000, (i) => i);
  const lacking = await writeSource(cwd, "a", fourVoxels, { labels: { "2": "spleen" } });
  expect((await preprocess(cwd, [lacking])).error).toContain("a: labels: the row's names lack 1");
  const cells = { image, label: ramp(1000, (i) => i % 200), shape: [10, 10, 10] };
  const many = await writeSource(cwd, "b", cells, { modality: "Microscopy" });
  expect((await preprocess(cwd, [many])).error).toBe("");
});
