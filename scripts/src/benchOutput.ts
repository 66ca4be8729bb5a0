import { appendFileSync, writeFileSync } from "node:fs";
import type { BenchRow } from "./benchRows.ts";
import { line } from "./benchTable.ts";

/** Where figures go as soon as they are there: a line of the table to stderr, the row to stdout or a file. */
export interface Output {
  row(row: BenchRow): void;
  note(text: string): void;
}

/** @param file  for the rows, instead of stdout; written anew, a row at a time, so that a run cut off leaves what it had */
export function openOutput(file: string | undefined): Output {
  if (file !== undefined) writeFileSync(file, "");
  return {
    row(row) {
      const text = `${JSON.stringify(row)}\n`;
      if (file === undefined) process.stdout.write(text);
      else appendFileSync(file, text);
      const words = line(row);
      if (words !== undefined) process.stderr.write(`${words}\n`);
    },
    note(text) {
      process.stderr.write(`${text}\n`);
    },
  };
}
