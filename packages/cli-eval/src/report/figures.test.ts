import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PredictionRow } from "@ensam/core/command";
import { asLines, callCommand } from "@ensam/core/command/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { main } from "../main.ts";
import { type MadeCase, writeMadePrediction } from "../testing/madePredictions.ts";

let folder: string;
const rows: PredictionRow[] = [];
const models = [
  { name: "<good>", error: 2, left: 0.5 },
  { name: "poor", error: 4, left: 0.9 },
];

/** A ball in a small volume. */
function ball(name: string, radius: number): MadeCase {
  const shape = [8, 20, 20] as const;
  const image = { data: new Float32Array(8 * 20 * 20), shape, spacing: [2, 1, 1] as const };
  const labels = { data: new Uint8Array(image.data.length), shape };
  for (let i = 0; i < image.data.length; i++) {
    const [z, y, x] = [Math.floor(i / 400), Math.floor(i / 20) % 20, i % 20];
    labels.data[i] = Math.hypot(2 * (z - 4), y - 10, x - 9) < radius ? 1 : 0;
    image.data[i] = 20 + 100 * labels.data[i]! + ((7 * x + 5 * y + 3 * z) % 11);
  }
  return { name, modality: "CT", dataset: "CT_made", image, labels, names: { "1": "a ball" } };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-figures-"));
  for (const model of models) {
    for (const radius of [4, 6, 8])
      rows.push(await writeMadePrediction(folder, ball(`CT_ball_${radius}`, radius), model));
  }
});
afterAll(() => rm(folder, { recursive: true }));

const evaluate = (input: readonly object[], ...argv: string[]) =>
  callCommand(main, [...argv, "--quiet"], { input: asLines(input), cwd: folder });

test("figures are the best, median and worst case, each with truth, predictions and errors of all models in three planes", async () => {
  const { code, error } = await evaluate(rows, "--figures", "figures");
  expect([code, error]).toEqual([0, ""]);
  const names = await readdir(join(folder, "figures"));
  expect(names.map((name) => name.split("-").slice(0, 2).join("-")).sort()).toEqual([
    "CT-best",
    "CT-median",
    "CT-worst",
  ]);
  const svg = await readFile(join(folder, "figures", names[0]!), "utf8");
  expect(svg.match(/<symbol /g)).toHaveLength(3);
  expect(svg.match(/<use /g)).toHaveLength(3 * (1 + 2 * models.length));
  expect(svg).toMatch(/&lt;good&gt;: DSC [01]\.\d{3}</);
  expect(svg).toContain("a ball");
  // What a screen reader says: the picture, and each tile by its plane and what it shows.
  expect(svg).toMatch(/<title>\S+, a ball: truth, predictions and errors in three planes<\/title>/);
  const tiles = [...svg.matchAll(/<svg [^>]*role="img" aria-label="([^"]+)"/g)].map((match) => match[1]!);
  expect(tiles).toHaveLength(3 * (1 + 2 * models.length));
  expect(tiles[0]).toMatch(/, slice \d+ of \d+: truth and prompts$/);
  expect(tiles[2]).toMatch(/: error of /);
});

test("a case that is named is shown; a name that no prediction has is told, with the nearest", async () => {
  const { error } = await evaluate(rows, "--figures", "named", "--figure-cases", "CT_ball_6,CT_ball_9");
  expect(await readdir(join(folder, "named"))).toEqual(["CT_ball_6.svg"]);
  expect(error).toMatch(/no prediction of CT_ball_9; did you mean CT_ball_\d\?/);
  const alone = await evaluate(rows, "--figure-cases", "CT_ball_6");
  expect([alone.code, alone.error]).toEqual([2, expect.stringContaining("expected --figures")]);
});

test("a prediction whose score came before it gives pictures and is not scored again", async () => {
  const scored = await evaluate(rows, "--report", "first.html", "--figures", "first");
  const scores = scored.rows.filter(({ type }) => type === "score");
  // The truth is another file's now: scoring again would fail.
  const moved = rows.map((row) => ({ ...row, truth: join("cases", "CT_ball_8.npz") }));
  const again = await evaluate([...scores, ...moved], "--figures", "second");
  expect([again.code, again.rows]).toEqual([0, scored.rows]);
  expect(await readdir(join(folder, "second"))).toEqual(await readdir(join(folder, "first")));
  const twice = await evaluate([...scores, ...scores.slice(0, 1)]);
  expect([twice.code, twice.error]).toEqual([1, expect.stringContaining("expected one score of <good>, got a second")]);
});

test("summaries, figures and report are the same in whatever order shards are put together", async () => {
  const one = await evaluate(rows, "--report", "report.html", "--csv", "m.csv", "--figures", "ordered");
  const parts = await Promise.all(["2/2", "1/2"].map((shard) => evaluate(rows, "--shard", shard)));
  const joined = parts.flatMap((part) => part.rows);
  const mixed = [rows[4]!, rows[0]!, rows[5]!, rows[3]!, rows[2]!, rows[1]!];
  const fromScores = await evaluate(joined);
  const summariesOf = (list: readonly Record<string, unknown>[]) =>
    list.filter(({ type, model }) => type === "summary" && model === "poor");
  expect(summariesOf(one.rows)).toHaveLength(2);
  expect(summariesOf(fromScores.rows)).toEqual(summariesOf(one.rows));
  expect(summariesOf((await evaluate(mixed)).rows)).toEqual(summariesOf(one.rows));
});
