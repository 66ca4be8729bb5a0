import type { Writable } from "node:stream";
import type { Row } from "../rows/index.ts";
import { describeError } from "./errorReport.ts";
import { InputError, ReaderLeft } from "./errors.ts";

/** Writes rows to a command's output, one JSON object per line. */
export interface RowWriter {
  /** Resolves when the output has taken the row, so a slow reader slows the writer. */
  write(row: Row): Promise<void>;
  /** Writes a line of text that is not a row (a schema, a help page). */
  writeText(text: string): Promise<void>;
  /**
   * For a command that was asked for files besides its rows: from now on a reader that leaves (`| head -1`) costs the
   * rows only, and the work goes on.
   */
  outlastReader(): void;
}

/**
 * Returns a writer to a stream. A reader that has left throws `ReaderLeft` (unless it is to be outlasted), a full disk
 * `InputError`.
 * Values that JSON cannot hold (NaN, infinities) become null.
 */
export function createRowWriter(output: Writable): RowWriter {
  output.on("error", () => {}); // Each write reports its own error; an unheard event would end the process.
  let encoder: Promise<{ encode(row: Row): string }> | undefined;
  let outlasts = false;
  const writeText = async (text: string): Promise<void> => {
    try {
      await writeTo(output, text);
    } catch (error) {
      if (!(outlasts && error instanceof ReaderLeft)) throw error;
    }
  };
  return {
    writeText,
    outlastReader() {
      outlasts = true;
    },
    async write(row) {
      encoder ??= createEncoder();
      await writeText((await encoder).encode(row));
    },
  };
}

function writeTo(output: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (output.destroyed) return reject(new ReaderLeft());
    output.write(text, (error) => (error ? reject(writeError(output, error)) : resolve()));
  });
}

async function createEncoder(): Promise<{ encode(row: Row): string }> {
  const { default: ndjson } = await import("ndjson");
  const stringify = ndjson.stringify();
  return {
    encode(row) {
      stringify.write(row);
      // JSON escapes the control characters of ASCII by itself, but not these, which terminals obey too.
      return (stringify.read() as string).replaceAll(/[\u007f-\u009f]/g, (character) => {
        return `\\u00${character.charCodeAt(0).toString(16)}`;
      });
    },
  };
}

const readerIsGone = new Set(["EPIPE", "ERR_STREAM_DESTROYED", "ECONNRESET"]);

function writeError(output: Writable, error: NodeJS.ErrnoException): Error {
  // A terminal that was closed fails with EIO.
  const isClosedTerminal = error.code === "EIO" && (output as { isTTY?: boolean }).isTTY === true;
  if (isClosedTerminal || readerIsGone.has(error.code ?? "")) return new ReaderLeft();
  return new InputError(`standard output: ${describeError(error).replace(/^output: /, "")}`, { cause: error });
}
