import { StringDecoder } from "node:string_decoder";

/** A line of text and its number in the file, from 1. */
export interface NumberedLine {
  readonly number: number;
  readonly text: string;
}

/**
 * Yields the lines of a stream that hold something, trimmed. A byte order mark, carriage returns and empty lines are
 * dropped (but counted); a last line without an end is a line.
 *
 * @param maxLength longest line, in characters; without this bound a binary file would fill the memory
 * @param tooLong   the error for a longer one
 */
export async function* readLines(
  input: AsyncIterable<Buffer | string>,
  maxLength: number,
  tooLong: (number: number) => Error,
): AsyncGenerator<NumberedLine> {
  const decoder = new StringDecoder("utf8");
  let started: string[] = []; // the pieces of the line whose end has not come yet
  let startedLength = 0;
  let number = 0;
  const finish = (): NumberedLine | undefined => {
    number += 1;
    const whole = started.join("");
    const text = (number === 1 ? whole.replace(/^\uFEFF/, "") : whole).trim();
    [started, startedLength] = [[], 0];
    return text === "" ? undefined : { number, text };
  };
  const add = (piece: string): void => {
    started.push(piece);
    startedLength += piece.length;
    if (startedLength > maxLength) throw tooLong(number + 1);
  };
  for await (const chunk of input) {
    const [first = "", ...others] = (typeof chunk === "string" ? chunk : decoder.write(chunk as Buffer)).split("\n");
    add(first);
    for (const other of others) {
      const line = finish();
      if (line !== undefined) yield line;
      add(other);
    }
  }
  add(decoder.end());
  const last = finish();
  if (last !== undefined) yield last;
}
