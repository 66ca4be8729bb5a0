import { fstatSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Readable } from "node:stream";
import type { z } from "zod";
import {
  type FailureRow,
  loadRowSchemas,
  modalities,
  type RowOf,
  type RowOrigin,
  type RowType,
} from "../rows/index.ts";
import { refuseEndlessInput } from "./endlessInput.ts";
import { describeError } from "./errorReport.ts";
import { InputError, UsageError } from "./errors.ts";
import { encodingBeside, isTooDeep } from "./jsonText.ts";
import { readLines } from "./lines.ts";
import type { Streams } from "./streams.ts";

export interface ReadRow<Type extends RowType> {
  readonly row: RowOf<Type>;
  readonly origin: RowOrigin;
}

/** The part of a command's context that reading needs. */
export interface RowReading {
  readonly streams: Streams;
  passFailure(row: FailureRow): Promise<void>;
}

/** Longest row, in characters. */
const maxLineLength = 64 * 1024 * 1024;

/**
 * Yields the rows of files (none or "-": standard input) that have an accepted type. `failure` rows go straight to
 * the output, unless they are asked for. Any other row, and anything that is not a row, is an InputError with file
 * and line.
 */
export async function* readRows<Type extends RowType>(
  context: RowReading,
  files: readonly string[],
  accept: readonly Type[],
): AsyncGenerator<ReadRow<Type>> {
  const rowSchemas = await loadRowSchemas();
  const known = new Set<string>([...accept, "failure"]);
  for (const file of files.length === 0 ? ["-"] : files) {
    const name = file === "-" ? "stdin" : file;
    const folder = file === "-" ? context.streams.cwd : dirname(resolve(context.streams.cwd, file));
    for await (const { value, line } of readObjects(await openRows(context.streams, file, accept), name)) {
      const { type } = value;
      if (typeof type !== "string" || !known.has(type)) {
        throw new InputError(`${name}:${line}: type: expected ${wordList(accept)}, got ${words(type)}`);
      }
      spellModality(value);
      const checked = rowSchemas[type as Type].safeParse(value);
      if (!checked.success) throw new InputError(`${name}:${line}: ${issueWords(checked.error, value)}`);
      if (type === "failure" && !(accept as readonly string[]).includes("failure")) {
        await context.passFailure(value as unknown as FailureRow);
      } else {
        yield { row: value as RowOf<Type>, origin: { file: name, line, folder } };
      }
    }
  }
}

/** Capitals of a modality do not matter, as in flags: `ct` in a row written by hand is CT. */
function spellModality(value: Record<string, unknown>): void {
  const { modality } = value;
  if (typeof modality !== "string") return;
  value.modality = modalities.find((name) => name.toLowerCase() === modality.toLowerCase()) ?? modality;
}

/** Opened before anything else is loaded: a stream that fails while nobody listens would end the process. */
async function openRows(streams: Streams, file: string, accept: readonly string[]): Promise<Readable> {
  if (file !== "-") {
    const path = resolve(streams.cwd, file);
    refuseOwnOutput(streams, path);
    refuseEndlessInput(path);
    try {
      return (await open(path)).createReadStream();
    } catch (error) {
      throw readError(error, file);
    }
  }
  if (!streams.inputIsTty) return streams.input;
  throw new UsageError(
    `standard input: expected ${wordList(accept)} rows from a file or a pipe, got a terminal (see --help for examples)`,
  );
}

/** A file that the shell writes our output to (`ROWS >> ROWS`): we would read what we write. */
function refuseOwnOutput({ output }: Streams, path: string): void {
  const { fd } = output as { fd?: unknown };
  if (typeof fd !== "number") return;
  const [ours, theirs] = [fstatSync(fd, { bigint: true }), statSync(path, { bigint: true, throwIfNoEntry: false })];
  if (!ours.isFile() || theirs === undefined || ours.dev !== theirs.dev || ours.ino !== theirs.ino) return;
  throw new UsageError(`standard output: expected a file that is not read as well, got the input ${path}`);
}

/** Yields the JSON objects of a stream with their line numbers. Lines are split here, the `ndjson` package parses. */
async function* readObjects(input: Readable, name: string) {
  const tooLong = (number: number): Error =>
    new InputError(`${name}:${number}: expected a row of at most ${maxLineLength} characters, got more`);
  const parse = await createParser();
  try {
    for await (const { number, text } of readLines(expectUtf8(input, name), maxLineLength, tooLong)) {
      if (isTooDeep(text))
        throw new InputError(`${name}:${number}: expected a row of a few levels, got JSON nested deep`);
      const value = parse(text);
      if (value === undefined) throw notAnObject(name, number, text);
      yield { value, line: number };
    }
  } catch (error) {
    throw readError(error, name);
  }
}

/** The same stream; one that starts like UTF-16 is refused, before its bytes are taken for text. */
async function* expectUtf8(input: Readable, name: string): AsyncGenerator<Buffer | string> {
  let isFirst = true;
  for await (const chunk of input) {
    const encoding = isFirst && typeof chunk !== "string" ? encodingBeside(chunk as Buffer) : undefined;
    if (encoding !== undefined) {
      throw new InputError(`${name}: expected UTF-8 text, got ${encoding}; iconv -f UTF-16 -t UTF-8 converts it`);
    }
    isFirst = false;
    yield chunk;
  }
}

function readError(error: unknown, name: string): unknown {
  if (!(error instanceof Error) || !("syscall" in error)) return error;
  return new InputError(`${name}: ${describeError(error).replace(/^.*?: /, "")}`, { cause: error });
}

/** Returns a parser of one line; undefined means that the line is not a JSON object. */
async function createParser(): Promise<(text: string) => Record<string, unknown> | undefined> {
  const { default: ndjson } = await import("ndjson");
  const parser = ndjson.parse({ strict: true });
  let failed = false;
  parser.on("error", () => {
    failed = true;
  });
  return (text) => {
    // The package would take a bare `null` for the end of the stream, and lists and numbers for rows.
    if (!text.startsWith("{")) return undefined;
    parser.write(`${text}\n`);
    const value = parser.read() as Record<string, unknown> | null;
    return failed || value === null ? undefined : value;
  };
}

function notAnObject(name: string, line: number, text: string): InputError {
  if (isNoText(text)) {
    return new InputError(
      `${name}: expected rows (one JSON object per line), got bytes that are no text; \`ensam-preprocess --images FOLDER\` makes rows of images, ensam-segment takes one image`,
    );
  }
  const start = text.length > 60 ? `${text.slice(0, 60)}...` : text;
  return new InputError(`${name}:${line}: expected one JSON object per line, got ${start}${jsonFault(text)}`);
}

/** Whether a line is of an image or another binary file: control characters, or bytes that are not UTF-8. */
function isNoText(line: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return /[\x00-\x08\x0e-\x1f\ufffd]/.test(line.slice(0, 2000));
}

function jsonFault(text: string): string {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return ` (${(error as Error).message.replaceAll(/\s+/g, " ").slice(0, 120)})`;
  }
}

function issueWords(error: z.ZodError, value: unknown): string {
  const issue = error.issues[0]!;
  const where = issue.path.join(".") || "row";
  let got: unknown = value;
  for (const key of issue.path) got = (got as Record<PropertyKey, unknown> | undefined)?.[key];
  return `${where}: expected ${expectedWords(issue)}, got ${got === undefined ? "nothing" : words(got)}`;
}

function expectedWords(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_value") return `one of ${issue.values.map(words).join(", ")}`;
  if (issue.code === "invalid_type") return issue.expected;
  if (issue.code === "too_small") {
    return issue.origin === "string"
      ? "text"
      : `${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}`;
  }
  if (issue.code === "too_big") return `at most ${issue.maximum}`;
  if (issue.code === "invalid_key") return issue.issues[0]?.message ?? "another key";
  return issue.message;
}

function wordList(accept: readonly string[]): string {
  return accept.length === 1 ? accept[0]! : `one of ${accept.join(", ")}`;
}

function words(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
