import type { FailureRow } from "../rows/index.ts";
import type { Origin } from "./parseOptions.ts";
import { createProgress, type Progress } from "./progress.ts";
import { createRowWriter, type RowWriter } from "./rowWriter.ts";
import { parseShard, type Shard } from "./shard.ts";
import { createStatusLine } from "./statusLine.ts";
import type { Streams } from "./streams.ts";

/** Notes on the error stream. */
export interface Log {
  /** Only with --debug. */
  debug(line: string): void;
  /** Not with --quiet. */
  info(line: string): void;
  /** Always. */
  warn(line: string): void;
}

/** What a command's `run` works with. */
export interface Context<Options> {
  /** The command's name, such as "ensam-coreset". */
  readonly name: string;
  readonly options: Readonly<Options>;
  /** Where each option's value came from. */
  readonly origins: Readonly<Record<keyof Options, Origin>>;
  /** Arguments that are not flags, as given: for most commands, files of rows. */
  readonly positionals: readonly string[];
  /** The configuration file that was read, if any. */
  readonly config?: string;
  readonly quiet: boolean;
  readonly debug: boolean;
  readonly streams: Streams;
  readonly rows: RowWriter;
  readonly log: Log;
  /** Prints a line on the error stream, unless quiet. */
  note(line: string): void;
  /** Starts a progress display on the error stream. */
  progress(total: number | undefined, label: string, before?: number): Progress;
  /** Takes a failure row of the input to the output. */
  passFailure(row: FailureRow): Promise<void>;
  /**
   * Sends failure rows of the input elsewhere than straight to the output, to keep the order of rows
   * while cases are worked on at once; returns how to undo it.
   */
  divertFailures(take: (row: FailureRow) => Promise<void>): () => void;
}

export interface ContextParts<Options> {
  readonly name: string;
  readonly options: Options;
  readonly origins: Record<keyof Options, Origin>;
  readonly positionals: readonly string[];
  readonly config?: string;
  readonly quiet: boolean;
  readonly debug: boolean;
  readonly streams: Streams;
  readonly rows?: RowWriter;
}

/** Returns the context of one run of a command. */
export function createContext<Options>(parts: ContextParts<Options>): Context<Options> {
  const { name, streams, quiet, debug } = parts;
  const line = createStatusLine(streams);
  const rows = parts.rows ?? createRowWriter(streams.output);
  const info = (text: string): void => {
    if (!quiet) line.print(text);
  };
  // Each shard reads the whole input; only the first one hands on the failures it holds.
  const passes = (shardOf(parts.options)?.index ?? 1) === 1;
  const straight = async (row: FailureRow): Promise<void> => {
    if (passes) await rows.write(row);
  };
  let takeFailure = straight;
  return {
    ...parts,
    rows,
    note: info,
    log: {
      info,
      warn: (text) => line.print(`${name}: ${text}`),
      debug: (text) => {
        if (debug) line.print(text);
      },
    },
    progress: (total, label, before) => createProgress(line, { total, label, before, quiet }),
    passFailure: (row) => takeFailure(row),
    divertFailures(take) {
      takeFailure = async (row) => {
        if (passes) await take(row);
      };
      return () => {
        takeFailure = straight;
      };
    },
  };
}

function shardOf(options: unknown): Shard | undefined {
  const { shard } = options as { shard?: unknown };
  return typeof shard === "string" ? parseShard(shard) : undefined;
}
