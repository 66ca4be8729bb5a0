import type { Command } from "./commandSpec.ts";
import { errorText, exitCodeOf } from "./errorReport.ts";
import { exitCodes } from "./errors.ts";
import type { Main, Streams } from "./streams.ts";

/**
 * Runs a command as a process. Its result becomes the exit code; the process ends by itself when everything written
 * has been taken, so that a long pipe is never cut short. The first SIGINT, SIGTERM, SIGHUP or SIGUSR1 goes to whoever
 * listens (then the command ends in order); without a listener, or at the second SIGINT or SIGTERM, the process stops
 * at once with 130.
 */
export async function runCommand(main: Main): Promise<void> {
  const listeners = new Set<() => void>();
  let isStopping = false;
  let wishes = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    // A hangup comes from the system and from the shell, and batch systems warn with SIGUSR1 before they send SIGTERM,
    // or beside it: those are no second wish.
    if (signal === "SIGINT" || signal === "SIGTERM") wishes += 1;
    if (listeners.size === 0 || wishes > 1) process.exit(exitCodes.stopped);
    if (!isStopping) for (const listener of listeners) listener();
    isStopping = true;
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  // A terminal or a connection that closes.
  process.on("SIGHUP", onSignal);
  // Batch systems warn with it before the time is up.
  process.on("SIGUSR1", onSignal);
  process.on("uncaughtException", (error) => {
    process.stderr.write(errorText(nameOf(main), error, process.argv.includes("--debug")));
    process.exit(exitCodeOf(error));
  });
  process.exitCode = await main(process.argv.slice(2), processStreams(listeners));
  // A writer that is still at the other end of our input would keep the process alive.
  process.stdin.destroy();
}

function nameOf(main: Main | Command): string {
  return "definition" in main ? main.definition.name : "ensam";
}

function processStreams(listeners: Set<() => void>): Streams {
  return {
    get input() {
      return process.stdin;
    },
    output: process.stdout,
    error: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    inputIsTty: process.stdin.isTTY ?? false,
    outputIsTty: process.stdout.isTTY ?? false,
    errorIsTty: process.stderr.isTTY ?? false,
    ...(process.stderr.columns === undefined ? {} : { columns: process.stderr.columns }),
    onSignal(handler) {
      listeners.add(handler);
      return () => listeners.delete(handler);
    },
  };
}
