import type { Readable, Writable } from "node:stream";

/** Everything a command may touch of the process around it. Tests pass their own. */
export interface Streams {
  readonly input: Readable;
  readonly output: Writable;
  readonly error: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that relative paths start from. */
  readonly cwd: string;
  readonly inputIsTty: boolean;
  readonly outputIsTty: boolean;
  readonly errorIsTty: boolean;
  /** Width of the terminal in characters, where there is one. */
  readonly columns?: number;
  /** Calls the handler at the first SIGINT, SIGTERM, SIGHUP or SIGUSR1; returns how to stop listening. */
  readonly onSignal?: (handler: () => void) => () => void;
}

/** A command: arguments and streams in, exit code out. */
export type Main = (argv: readonly string[], streams: Streams) => Promise<number>;
