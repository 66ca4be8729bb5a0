import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Whether there is a build for make to call. */
export const isBuilt = existsSync(fileURLToPath(new URL("../../dist/reproductionJobs.js", import.meta.url)));

/** The reproduction as small as it gets, of the folder `data`. */
export function reproductionFlags(data: string, folder: string, { shards = 1, epochs = 1 } = {}): string[] {
  return [
    `DATA=${data}`,
    `REPRODUCTION=${folder}`,
    "DEVICE=wasm",
    "JOBS=1",
    `SHARDS=${shards}`,
    "BUDGET=8",
    `REPRODUCE_FLAGS=--preset tiny --max-voxels 4096 --clicks 1 --accumulate 1 --epochs ${epochs} --workers 0 --threads 1 --checkpoint-every 1`,
  ];
}

/** What a reproduction is about, without times: the rows of every stage, the tables, the names of the figures, the weights. */
export function resultOf(folder: string) {
  const rows = (name: string) =>
    readFileSync(join(folder, name), "utf8")
      .trim()
      .split("\n")
      .map((line): Record<string, unknown> => {
        return { ...(JSON.parse(line.replaceAll(folder, "FOLDER")) as object), seconds: undefined };
      });
  const scores = rows("scores.ndjson");
  const withoutTimes = readFileSync(join(folder, "scores.csv"), "utf8")
    .trim()
    .split("\n")
    .map((line) => [line.split(",")[0], ...line.split(",").slice(8)].join());
  return {
    train: rows("train.ndjson"),
    coreset: rows("coreset.ndjson"),
    // A failure stands where its shard met it.
    validation: rows("validation.ndjson"),
    scores: scores.filter(({ type }) => type === "score").sort((a, b) => (String(a.case) < String(b.case) ? -1 : 1)),
    summaries: scores.filter(({ type }) => type === "summary"),
    failures: scores.filter(({ type }) => type === "failure"),
    csv: withoutTimes,
    figures: readdirSync(join(folder, "figures")).sort(),
    weights: readFileSync(join(folder, "run/checkpoints/last.safetensors")).toString("base64"),
  };
}
