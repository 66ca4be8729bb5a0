import { Readable, Writable } from "node:stream";
import type { Main, Streams } from "../streams.ts";

export interface CallOptions {
  /** What the command reads on standard input; without it the input is empty. */
  readonly input?: string | Readable;
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  readonly streams?: Partial<Streams>;
}

export interface CallResult {
  readonly code: number;
  readonly output: string;
  readonly error: string;
  /** The rows on standard output. */
  readonly rows: Record<string, unknown>[];
}

/** Runs a command in this process, for tests, and returns its exit code and what it wrote. */
export async function callCommand(main: Main, argv: readonly string[], options: CallOptions = {}): Promise<CallResult> {
  const { input = "", cwd = process.cwd(), env = {} } = options;
  const output = collector();
  const error = collector();
  const code = await main(argv, {
    input: typeof input === "string" ? Readable.from(input === "" ? [] : [Buffer.from(input)]) : input,
    output: output.stream,
    error: error.stream,
    env,
    cwd,
    inputIsTty: false,
    outputIsTty: false,
    errorIsTty: false,
    ...options.streams,
  });
  return {
    code,
    output: output.text(),
    error: error.text(),
    get rows() {
      const lines = output.text().split("\n");
      return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Record<string, unknown>);
    },
  };
}

/** Returns rows as the text of a pipe. */
export function asLines(rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

function collector(): { stream: Writable; text: () => string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString("utf8") };
}
