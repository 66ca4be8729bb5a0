import { createReadStream, statSync } from "node:fs";
import { resolve } from "node:path";
import { PassThrough, type Readable } from "node:stream";
import type { RowType } from "../rows/index.ts";
import { readLines } from "./lines.ts";
import type { Streams } from "./streams.ts";

/** Rows of a pipe that are read ahead wait in memory, in bytes; a row takes about one thousandth of this. */
const readAheadBytes = 2 ** 30;
const longestLine = 64 * 1024 * 1024;

/** The streams to read rows from instead, and how many rows of a type will come: known when the last one has been seen. */
export interface CountedRows {
  readonly streams: Streams;
  /** Undefined where the input cannot be read; the reading itself says why. */
  readonly total: Promise<number | undefined>;
}

/**
 * Counts the rows of a type in files (none or "-": standard input) ahead of the work on them, so that progress can say
 * how much is left. A pipe is read as fast as it comes; its rows wait here.
 */
export function countAhead(streams: Streams, files: readonly string[], type: RowType): CountedRows {
  const pattern = new RegExp(`"type"\\s*:\\s*"${type}"`);
  let piped: Streams = streams;
  const counts = (files.length === 0 ? ["-"] : files).map((file) => {
    if (file !== "-") return countFile(resolve(streams.cwd, file), pattern);
    if (streams.inputIsTty) return Promise.resolve(0);
    const [work, counted] = [new PassThrough({ highWaterMark: readAheadBytes }), new PassThrough()];
    streams.input.pipe(work);
    streams.input.pipe(counted);
    streams.input.on("error", (error) => {
      work.destroy(error);
      counted.destroy(error);
    });
    piped = { ...streams, input: work };
    return countLines(counted, pattern);
  });
  const total = Promise.all(counts).then(
    (each) => each.reduce((sum, count) => sum + count, 0),
    () => undefined,
  );
  return { streams: piped, total };
}

/** Of anything but a file, such as the shell's `<(...)`, a second reader would take rows away from the first. */
async function countFile(path: string, pattern: RegExp): Promise<number> {
  if (!statSync(path).isFile()) throw new Error("not to be read twice");
  return countLines(createReadStream(path), pattern);
}

async function countLines(input: Readable, pattern: RegExp): Promise<number> {
  let count = 0;
  for await (const { text } of readLines(input, longestLine, () => new Error("too long"))) {
    if (pattern.test(text)) count += 1;
  }
  return count;
}
