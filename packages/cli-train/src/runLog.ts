import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { Row, RowWriter } from "@ensam/core/command";
import { writeFileAtomically } from "@ensam/core/files";
import { type LogRow, parseRow } from "@ensam/core/runs";
import type { StepPoint, ValidationPoint } from "./curves.ts";

/** A run's rows: written to the log file and to standard output alike; points for the curves are kept. */
export interface RunLog {
  write(row: Row): Promise<void>;
  readonly steps: readonly StepPoint[];
  readonly validations: readonly ValidationPoint[];
}

/**
 * The log of a new run, or of one that goes on after `step`: rows of later steps, which are going to be done again, and
 * a torn last line are taken out.
 */
export async function openRunLog(path: string, rows: RowWriter, goesOnAfter: number | undefined): Promise<RunLog> {
  const kept = goesOnAfter === undefined ? [] : earlierRows(path, goesOnAfter);
  const text = kept.map((row) => `${JSON.stringify(row)}\n`).join("");
  if (!existsSync(path) || readFileSync(path, "utf8") !== text) await writeFileAtomically(path, Buffer.from(text));
  const steps: StepPoint[] = [];
  const validations: ValidationPoint[] = [];
  const remember = (row: LogRow) => {
    if (row.type === "step") steps.push(row as unknown as StepPoint);
    if (row.type === "validation") validations.push(row as unknown as ValidationPoint);
  };
  kept.forEach(remember);
  return {
    steps,
    validations,
    async write(row) {
      remember(row as unknown as LogRow);
      appendFileSync(path, `${JSON.stringify(row)}\n`);
      await rows.write(row);
    },
  };
}

function earlierRows(path: string, step: number): LogRow[] {
  if (!existsSync(path)) return [];
  const rows: LogRow[] = [];
  for (const line of readFileSync(path, "utf8").split("\n")) {
    const row = parseRow(line); // None of a line that was being written when the run was killed.
    if (row !== undefined && (typeof row.step !== "number" || row.step <= step)) rows.push(row);
  }
  return rows;
}
