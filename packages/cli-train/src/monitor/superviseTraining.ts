import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import type { WriteStream } from "node:tty";
import { type Context, exitCodes } from "@ensam/core/command";
import { runFolder } from "@ensam/core/runs";
import { followRun } from "./followRun.ts";
import { lineSplitter } from "./lineSplitter.ts";
import { insideView, type SupervisedOptions } from "./showsView.ts";
import { openKeyboard, terminalOf, wantsColours } from "./view/terminal.ts";

/** How to start the training process; without it, this process's own command line is used. */
export interface TrainingProcess {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Notes of the training process that are repeated when the view closes. */
const keptLines = 12;
const lookMilliseconds = 50;
/** Said by the training process every ten seconds, and shown by the view in better form while it is open. */
const progressLine = /^steps \d/;

/**
 * Trains in a process of its own and shows its run folder meanwhile, so that frames and keys stay live during long
 * steps; returns its exit code. The first Ctrl-C (or signal) has it save and end, the second ends it at once; `q`
 * leaves the view only. Rows go to standard output unless that is the terminal.
 */
export async function superviseTraining(
  context: Context<SupervisedOptions>,
  { argv = [...process.execArgv, ...process.argv.slice(1)], env = {} }: Partial<TrainingProcess> = {},
): Promise<number> {
  const { options, streams } = context;
  const folder = runFolder(options.output!);
  const terminal = terminalOf(streams.error, streams.env)!;
  const before = stamp(folder.log);
  const keyboard = openKeyboard(streams.input);
  const child = spawn(process.execPath, argv, {
    // Rows of cases may come through standard input; keys must not.
    stdio: [streams.inputIsTty ? "ignore" : "inherit", streams.outputIsTty ? "ignore" : "inherit", "pipe"],
    env: { ...process.env, ...env, [insideView]: "1" },
    cwd: streams.cwd,
    detached: true, // The terminal's Ctrl-C comes to this process alone, which hands it on.
  });
  const ended = new Promise<number>((resolve) => {
    child.on("error", () => resolve(exitCodes.device));
    child.on("close", (code) => resolve(code ?? exitCodes.stopped));
  });

  let view: Awaited<ReturnType<typeof openView>> | undefined;
  let stops = 0;
  let over = false;
  const kept: string[] = [];
  const note = (line: string) => {
    // After `q` progress goes on in plain lines.
    if (progressLine.test(line) && view?.isOpen() !== false) return;
    if (view?.isOpen() !== true) terminal.write(`${line}\n`);
    else kept.push(line);
    view?.note(line.replace("ensam-train: ", ""));
  };
  const lines = lineSplitter();
  child.stderr.on("data", (chunk: Buffer) => lines.take(chunk).forEach(note));

  const stop = () => {
    stops += 1;
    child.kill("SIGTERM");
    if (stops === 1) view?.note("stopping after this sample, with a checkpoint (Ctrl-C again to stop at once)");
  };
  const endChild = () => {
    if (!over) child.kill("SIGTERM");
  };
  const stopListening = streams.onSignal?.(stop);
  process.once("exit", endChild);
  void ended.then(() => {
    over = true;
  });

  // Wrong usage, unreadable rows and the like come before the run writes its first row, and need no view.
  while (!over && stamp(folder.log) === before) await Promise.race([later(lookMilliseconds), ended]);
  if (!over) {
    const onQuit = (key: string) => {
      if (key === "q") return true;
      stop();
      return false;
    };
    view = await openView({ folder: folder.path, log: folder.log, terminal, keyboard, streams, onQuit });
  }
  const code = await ended;
  lines.rest().forEach(note);
  const last = view?.close();
  // Nothing to repeat for a user who left the view before.
  if (last !== undefined) terminal.write([last, ...kept.slice(-keptLines), ""].join("\n"));
  if (view === undefined && keyboard !== process.stdin) keyboard?.destroy();
  stopListening?.();
  process.off("exit", endChild);
  return code;
}

interface ViewParts {
  readonly folder: string;
  readonly log: string;
  readonly terminal: WriteStream;
  readonly keyboard: ReturnType<typeof openKeyboard>;
  readonly streams: Context<object>["streams"];
  readonly onQuit: (key: string) => boolean;
}

async function openView({ folder, log, terminal, keyboard, streams, onQuit }: ViewParts) {
  const { showMonitor } = await import("./view/showMonitor.tsx");
  let onChange = () => {};
  const run = followRun(log, folder, { name: basename(folder), onChange: () => onChange() });
  const monitor = showMonitor({
    runs: [run],
    terminal,
    keyboard,
    colours: wantsColours(streams.env),
    onQuit,
    isTraining: true,
  });
  onChange = monitor.changed;
  let open = true;
  void monitor.closed.then(() => {
    run.close();
    if (!open) return; // The run has ended.
    open = false;
    terminal.write(`the view is closed, the run goes on; ensam-monitor ${folder} shows it again, Ctrl-C stops it\n`);
  });
  return {
    isOpen: () => open,
    note: run.note,
    /** Closes the view; returns what is left to say about the run, unless the user left before. */
    close() {
      if (!open) return undefined;
      open = false;
      monitor.close();
      const { state } = run.view();
      const loss = state.smoothedLoss === undefined ? "" : `, loss ${state.smoothedLoss.toFixed(4)}`;
      return `${folder}: ${state.end?.reason ?? "ended"} at step ${state.step}${loss}`;
    },
  };
}

/** Changes when the file is written, or becomes another one. */
function stamp(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? "" : `${found.ino} ${found.size} ${found.mtimeMs}`;
}
