import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { UsageError } from "@ensam/core/command";
import { finite, type LogRow, scores } from "@ensam/core/runs";
import type { Sink } from "./sink.ts";

const fields = [
  "step",
  "epoch",
  "loss",
  "dice",
  "crossEntropy",
  "gradientNorm",
  "learningRate",
  "seconds",
  "waitingSeconds",
  "samples",
  "voxels",
  "samplesPerSecond",
  "memoryBytes",
  "dscFinal",
] as const;

/** Interactions the table has columns for: the box and five clicks, as in the challenge. */
const interactions = 6;
const header = [
  "run",
  "type",
  ...fields,
  "dscBox",
  ...Array.from({ length: interactions - 1 }, (_, i) => `dscClick${i + 1}`),
].join(",");

/**
 * A table of the steps and validations of all runs, one line each, in the order they come; empty where there is no
 * value. A file that is not such a table is not overwritten.
 */
export function csvSink(path: string, runs: number): (name: string, index: number) => Sink {
  if (existsSync(path) && !readFileSync(path, "utf8").startsWith(header)) {
    throw new UsageError(`--csv: ${path}: expected a new file or a table written by ensam-monitor, got another file`);
  }
  writeFileSync(path, `${header}\n`);
  /** Kept only where a log may be rewritten while others stand in the same table. */
  const lines: string[][] = Array.from({ length: runs }, () => []);
  return (name, index) => ({
    take(rows, restarted) {
      const kept = lines[index]!;
      const starts = rows.findLastIndex((row) => row.type === "run" && row.resumed !== true);
      if (restarted || starts >= 0) {
        kept.length = 0;
        writeFileSync(path, [header, ...lines.flat(), ""].join("\n"));
      }
      const fresh = rows.slice(Math.max(0, starts)).flatMap((row) => lineOf(name, row) ?? []);
      if (runs > 1) kept.push(...fresh);
      if (fresh.length > 0) appendFileSync(path, `${fresh.join("\n")}\n`);
    },
    close() {},
  });
}

function lineOf(name: string, row: LogRow): string | undefined {
  if (row.type !== "step" && row.type !== "validation") return undefined;
  const dsc = scores(row.dsc);
  const values = [
    ...fields.map((field) => finite(row[field])),
    ...Array.from({ length: interactions }, (_, i) => dsc[i]),
  ];
  return [quoted(name), row.type, ...values.map((value) => value ?? "")].join(",");
}

function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
