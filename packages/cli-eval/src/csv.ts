import { parse } from "node:path";
import { challengeCsv } from "@ensam/core/scoring";
import type { Scores } from "./scores.ts";

/** Returns the official tables by file: FILE for a single model, else one per model with its name before the ending. */
export function csvFiles(scores: Scores, file: string): Map<string, string> {
  const models = scores.by("model");
  if (models.size === 0) return new Map([[file, challengeCsv([])]]);
  const { dir, name, ext } = parse(file);
  const pathOf = (model: string) =>
    models.size === 1 ? file : `${dir === "" ? "" : `${dir}/`}${name}.${safeName(model)}${ext}`;
  return new Map(Array.from(models, ([model, cases]) => [pathOf(model), csvOf(cases)]));
}

/** The rows in the official order, which is theirs: by file name. What does not exist is 0 there. */
function csvOf(scores: Scores): string {
  return challengeCsv(
    Array.from(scores, (score) => ({
      caseName: `${score.case}.npz`,
      seconds: numbers(score.seconds),
      dsc: numbers(score.dsc),
      nsd: numbers(score.nsd),
      dscAuc: score.dscAuc ?? 0,
      nsdAuc: score.nsdAuc ?? 0,
      dscFinal: score.dscFinal ?? 0,
      nsdFinal: score.nsdFinal ?? 0,
      classCount: score.objects,
      hasBox: score.dsc[0] !== null,
    })),
  );
}

function numbers(values: readonly (number | null)[]): number[] {
  return values.map((value) => value ?? 0);
}

function safeName(model: string): string {
  return model.replaceAll(/[^\p{L}\p{N}._-]+/gu, "_");
}
