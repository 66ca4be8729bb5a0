import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import type { PredictionRow } from "@ensam/core/command";
import { asLines, callCommand } from "@ensam/core/command/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { areChallengeCases } from "../challengeDatasets.ts";
import { main } from "../main.ts";
import { type MadeCase, writeMadePrediction } from "../testing/madePredictions.ts";

let folder: string;
let rows: PredictionRow[];
let page: string;

/** Two balls in a small volume of random grey. */
function madeCase(name: string, modality: MadeCase["modality"]): MadeCase {
  const shape = [10, 24, 28] as const;
  const image = { data: new Float32Array(10 * 24 * 28), shape, spacing: [3, 1, 1] as const };
  const labels = { data: new Uint8Array(image.data.length), shape };
  for (let z = 0, i = 0; z < 10; z++) {
    for (let y = 0; y < 24; y++) {
      for (let x = 0; x < 28; x++, i++) {
        const label =
          Math.hypot(3 * (z - 5), y - 9, x - 8) < 7 ? 1 : Math.hypot(3 * (z - 5), y - 15, x - 20) < 6 ? 4 : 0;
        labels.data[i] = label;
        image.data[i] = 20 + 60 * label + ((7 * x + 5 * y + 3 * z) % 11);
      }
    }
  }
  return {
    name,
    modality,
    dataset: `${modality}_made`,
    image,
    labels,
    names: { "1": "<first> & ball", "4": "second" },
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-report-"));
  rows = [];
  for (const model of [
    { name: "good", error: 2, left: 0.5 },
    { name: "poor", error: 4, left: 0.9 },
  ]) {
    for (const [i, modality] of (["CT", "CT", "CT", "MR"] as const).entries()) {
      rows.push(
        await writeMadePrediction(folder, madeCase(`${modality}_made_${i}`, modality), model, modality !== "MR"),
      );
    }
  }
  const late = { ...rows[0]!, case: "CT_late", seconds: [90, 90, 90, 90, 90, 90] };
  const failure = { type: "failure", case: "CT_lost", stage: "simulate", error: "the predictor crashed" };
  const argv = ["--report", join(folder, "report.html"), "--compare", "good", "poor", "--quiet"];
  const { code, error } = await callCommand(main, argv, { input: asLines([...rows, late, failure]), cwd: folder });
  expect([code, error]).toEqual([0, ""]);
  page = await readFile(join(folder, "report.html"), "utf8");
});
afterAll(() => rm(folder, { recursive: true }));

describe("the report", () => {
  test("fetches nothing: no addresses, no scripts, pictures inside", () => {
    expect(page).not.toMatch(/https?:\/\//);
    expect(page).not.toMatch(/<script|<link|@import|url\(/);
    expect(page.match(/data:image\/png;base64,/g)!.length).toBeGreaterThanOrEqual(4); // three of CT, one of MR
  });

  test("draws click curves for each modality and for all: DSC and NSD", () => {
    expect(page.match(/<svg role="img" aria-label="(DSC|NSD) of /g)!.length).toBe(3 * 2); // CT, MR, all
  });

  test("shows best, median and worst case with image, truth, six interactions of both models, and errors", () => {
    for (const place of ["Best", "Median", "Worst", "Only"]) expect(page).toContain(`<strong>${place} case</strong>`);
    const ct = page.slice(page.indexOf("<strong>Best case"), page.indexOf("<strong>Median case"));
    // In three planes the prompts and two models' outlines and errors, then two strips of six interactions.
    expect(ct.match(/class="tile"/g)!.length).toBe(3 * (1 + 2 * 2) + 2 * 6);
    for (const label of [
      "along z, slice",
      "along y, slice",
      "good: DSC",
      "poor: errors",
      "box: DSC",
      "click 5: DSC",
      " mm</text>",
    ])
      expect(ct).toContain(label);
    // The box in each of three planes and once at the start of each strip, dashed over black.
    expect(ct.match(/<rect [^>]*stroke-dasharray/g)!.length).toBe(3 + 2);
    const mr = page.slice(page.indexOf("<strong>Only case"));
    expect(mr).toContain("no box");
    expect(mr).not.toContain("<rect ");
  });

  test("folds the published results away, since the cases are not the challenge's", () => {
    expect(page).toMatch(/<details><summary>[^<]+other cases than these<\/summary><figure class="table/);
    expect(areChallengeCases(["CT_AMOS", "PET_autoPET"])).toBe(true);
    expect(areChallengeCases(["CT_AMOS", "CT_made"])).toBe(false);
  });

  test("holds the tables, the failures and what every number means", () => {
    for (const title of [
      "Results by modality and model",
      "good minus poor",
      "published results",
      "Table 3",
      "Results by dataset",
      "Seconds per interaction",
    ]) {
      expect(page).toContain(title);
    }
    expect(page).toContain("CT_lost: not scored, failed in simulate: the predictor crashed");
    expect(page).toContain("CT_late by good: 540.0 s for 2 objects, past the limit, scored 0");
    for (const term of ["DSC", "NSD", "Spacing", "AUC", "Final", "NoC@80", "Time limit"])
      expect(page).toMatch(new RegExp(`<dt>${term}`));
    expect(page).toContain("from 0 to 4");
    expect(page).toContain("ensam-eval --report");
  });

  test("escapes names, and reads in light and dark and on phones", () => {
    expect(page).not.toContain("<first>");
    expect(page).toContain("&lt;first&gt; &amp; ball");
    expect(page).toContain("prefers-color-scheme: dark");
    expect(page).toContain('name="viewport"');
    expect(page).toContain("@media (max-width: 700px)");
  });

  test("is the same bytes when made again", async () => {
    const again = join(folder, "again.html");
    await callCommand(main, ["--report", again, "--quiet"], { input: asLines(rows), cwd: folder });
    const once = await readFile(again, "utf8");
    await callCommand(main, ["--report", again, "--quiet"], { input: asLines(rows), cwd: folder });
    expect(await readFile(again, "utf8")).toBe(once);
  });

  test("can be made from score rows, then without pictures", async () => {
    const path = join(folder, "scores.html");
    const scored = await callCommand(main, ["--quiet"], { input: asLines(rows), cwd: folder });
    const { code, output } = await callCommand(main, ["--report", path, "--quiet"], {
      input: scored.output,
      cwd: folder,
    });
    expect(code).toBe(0);
    expect(output).toBe(scored.output); // scores as they were, summaries made again
    expect(await readFile(path, "utf8")).toContain("No pictures");
  });

  test("never loads TensorFlow.js", () => {
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    expect(loaded.filter((file) => file.includes("tensorflow"))).toEqual([]);
  });
});

test("on a terminal the table comes instead of the rows", async () => {
  const input = asLines(rows.slice(0, 2));
  const { output } = await callCommand(main, ["--quiet"], {
    input,
    cwd: folder,
    streams: { outputIsTty: true, columns: 90 },
  });
  expect(output).toMatch(/^Results by modality and model\n/);
  expect(output).not.toContain("{");
  expect(
    Math.max(
      ...output
        .split("\n")
        .slice(0, 8)
        .map((line) => line.length),
    ),
  ).toBeLessThanOrEqual(90);
  const piped = await callCommand(main, ["--quiet", "--table"], { input, cwd: folder });
  expect(piped.rows.map(({ type }) => type)).toEqual(["score", "score", "summary", "summary"]);
  expect(piped.error).toContain("Results by modality and model");
});

test("the second prediction of the same case and model is refused", async () => {
  const { code, rows: out } = await callCommand(main, ["--quiet"], { input: asLines([rows[0], rows[0]]), cwd: folder });
  expect(code).toBe(1);
  expect(out[1]).toMatchObject({ type: "failure", error: "CT_made_0: expected one prediction of good, got a second" });
});

test("Markdown and LaTeX hold all tables", async () => {
  const argv = ["--markdown", join(folder, "t.md"), "--latex", join(folder, "t.tex"), "--quiet"];
  await callCommand(main, argv, { input: asLines(rows), cwd: folder });
  const [markdown, latex] = [
    await readFile(join(folder, "t.md"), "utf8"),
    await readFile(join(folder, "t.tex"), "utf8"),
  ];
  expect(markdown.match(/^### /gm)!.length).toBe(5); // four tables and the meanings
  expect(latex.match(/\\begin\{tabular\}/g)!.length).toBe(4);
});

test("files asked for are written though the reader of the rows has left", async () => {
  const output = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    },
  });
  const scores = await callCommand(main, ["--quiet"], { input: asLines(rows), cwd: folder });
  const argv = ["--csv", "left.csv", "--report", "left.html", "--quiet"];
  const input = scores.output;
  const { code, error } = await callCommand(main, argv, { input, cwd: folder, streams: { output } });
  expect([code, error]).toEqual([0, ""]);
  expect((await readFile(join(folder, "left.good.csv"), "utf8")).trim().split("\n")).toHaveLength(5);
  expect(await readFile(join(folder, "left.html"), "utf8")).toContain("poor");
});

test("when no case could be scored the code is 3 and no file is written", async () => {
  const lost = { ...rows[0]!, prediction: "nowhere.npz" };
  const argv = ["--csv", "none.csv", "--report", "none.html", "--markdown", "none.md", "--quiet"];
  const { code, error } = await callCommand(main, argv, { input: asLines([lost]), cwd: folder });
  expect(code).toBe(3);
  expect(error).toContain("expected at least one case that can be scored, got 1 that failed");
  expect((await readdir(folder)).filter((name) => name.startsWith("none."))).toEqual([]);
});

test("no output may be a file that is read, or that of another output", async () => {
  await writeFile(join(folder, "rows.ndjson"), asLines(rows));
  await symlink("rows.ndjson", join(folder, "linked.html"));
  await writeFile(join(folder, "one.good.csv"), asLines(rows.slice(0, 1)));
  const prediction = rows[0]!.prediction;
  const meta = "NDims = 3\nDimSize = 28 24 10\nElementType = MET_UCHAR\nElementDataFile = truth.raw\n";
  await writeFile(join(folder, "truth.mhd"), meta);
  await writeFile(join(folder, "truth.raw"), Buffer.alloc(28 * 24 * 10, 1));
  await writeFile(join(folder, "detached.ndjson"), asLines([{ ...rows[0]!, truth: "truth.mhd" }]));
  for (const argv of [
    ["detached.ndjson", "--markdown", "truth.raw"],
    ["rows.ndjson", "--csv", "rows.ndjson"],
    ["rows.ndjson", "--report", "linked.html"],
    ["rows.ndjson", "--latex", prediction],
    ["rows.ndjson", "--markdown", rows[0]!.truth],
    ["rows.ndjson", "one.good.csv", "--csv", "one.csv"],
    ["rows.ndjson", "--csv", "same", "--report", "./same"],
  ]) {
    const before = await readFile(join(folder, prediction));
    const { code, error } = await callCommand(main, [...argv, "--quiet"], { cwd: folder });
    expect([argv, code, error]).toEqual([argv, 2, expect.stringMatching(/not read as well|a file of its own/)]);
    expect((await readFile(join(folder, prediction))).equals(before)).toBe(true);
  }
  expect(await readFile(join(folder, "rows.ndjson"), "utf8")).toBe(asLines(rows));
});
