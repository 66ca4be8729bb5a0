import type { Writable } from "node:stream";
import { plainText } from "./plainText.ts";
import type { Streams } from "./streams.ts";

/** The error stream: whole lines, and on a terminal one last line that is redrawn in place. */
export interface StatusLine {
  /** Prints a line that stays, above the status. */
  print(line: string): void;
  /** Redraws the status; an empty text removes it. */
  status(text: string): void;
  /** Whether the status is redrawn in place. */
  readonly redraws: boolean;
}

/** Returns the writer of notes and progress. Errors of the stream itself are ignored: nobody is left to tell. */
export function createStatusLine(streams: Streams): StatusLine {
  const { error, env } = streams;
  error.on("error", () => {});
  const redraws = streams.errorIsTty && !isSet(env.CI) && env.TERM !== "dumb";
  let shown = "";
  const erase = (): void => {
    if (shown !== "") write(error, `\r${" ".repeat(shown.length)}\r`);
  };
  return {
    redraws,
    print(line) {
      erase();
      write(error, `${plainText(line)}\n`);
      if (shown !== "") write(error, shown);
    },
    status(raw) {
      const text = plainText(raw).replaceAll(/[\n\t]/g, " ");
      if (!redraws || text === shown) return;
      erase();
      shown = text.slice(0, (streams.columns ?? 80) - 1);
      write(error, shown);
    },
  };
}

function write(stream: Writable, text: string): void {
  if (!stream.destroyed) stream.write(text);
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "0" && value !== "false";
}
