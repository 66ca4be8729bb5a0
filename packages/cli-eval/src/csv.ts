import { parse } from "node:path";
import { challengeCsv } from "@ensam/core/scoring";
import { modelsOf } from "./metrics.ts";
import type { Score } from "./score.ts";

/** Returns the official tables by file: FILE for a single model, else one per model with its name before the ending. */
export function csvFiles(scores: readonly Score[], file: string): Map<string, string> {
  const models = modelsOf(scores);
  const { dir, name, ext } = parse(file);
  const single = models.length <= 1;
  const pathOf = (model: string) => (single ? file : `${dir === "" ? "" : `${dir}/`}${name}.${safeName(model)}${ext}`);
  const tables = models.map(
    (model) => [pathOf(model), csvOf(scores.filter((score) => score.model === model))] as const,
  );
  return new Map(single && models.length === 0 ? [[file, challengeCsv([])]] : tables);
}

/** The rows in the official order: by file name. What does not exist is 0 there. */
function csvOf(scores: readonly Score[]): string {
  const sorted = [...scores].sort((a, b) => (a.case < b.case ? -1 : 1));
  return challengeCsv(
    sorted.map((score) => ({
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
