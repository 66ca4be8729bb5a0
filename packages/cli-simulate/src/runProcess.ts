import { type ChildProcess, spawn } from "node:child_process";

export interface ProcessResult {
  /** Exit status; `undefined` when a signal ended it. */
  readonly status: number | undefined;
  readonly timedOut: boolean;
  readonly seconds: number;
  /** The end of what it printed. */
  readonly lastWords: string;
}

export interface ProcessOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Seconds after which the process and all that it started are ended; infinite for no limit. */
  readonly limitSeconds: number;
  readonly onLine?: (line: string) => void;
}

/** Time between asking a process to end and forcing it, seconds; a container needs some to stop. */
const graceSeconds = 5;
/** Time that the last of its output gets to arrive, seconds. */
const closeSeconds = 1;
const keptCharacters = 2000;
const longestTimer = 2 ** 31 - 1;

const running = new Set<ChildProcess>();
let endsWithUs = false;

/**
 * Runs a shell command in a process group of its own, so that a time limit (or our own end) also ends what the command
 * itself has started. Never rejects for what the command does.
 */
export async function runProcess(command: string, options: ProcessOptions): Promise<ProcessResult> {
  endGroupsWithUs();
  const start = performance.now();
  const child = spawn("sh", ["-c", command], {
    cwd: options.cwd,
    env: { ...options.env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  let words = "";
  const hear = (chunk: Buffer): void => {
    const text = chunk.toString("utf8");
    words = (words + text).slice(-keptCharacters);
    options.onLine?.(text.trimEnd());
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);

  let timedOut = false;
  let force: NodeJS.Timeout | undefined;
  const limit = setTimeout(
    () => {
      timedOut = true;
      signalGroup(child, "SIGTERM");
      force = setTimeout(() => signalGroup(child, "SIGKILL"), graceSeconds * 1000);
    },
    Math.min(longestTimer, options.limitSeconds * 1000),
  );
  try {
    const closed = new Promise((resolve) => child.once("close", resolve));
    const status = await new Promise<number | undefined>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => resolve(code ?? undefined));
    });
    signalGroup(child, "SIGKILL"); // Whatever it left running would disturb the next call.
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, closeSeconds * 1000).unref())]);
    return { status, timedOut, seconds: (performance.now() - start) / 1000, lastWords: words.trim() };
  } finally {
    clearTimeout(limit);
    clearTimeout(force);
    child.stdout.destroy();
    child.stderr.destroy();
    running.delete(child);
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

function endGroupsWithUs(): void {
  if (endsWithUs) return;
  endsWithUs = true;
  process.once("exit", () => {
    for (const child of running) signalGroup(child, "SIGKILL");
  });
}
