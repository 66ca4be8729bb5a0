import { existsSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import {
  type Context,
  exitCodes,
  InputError,
  namedInputs,
  overwriteCheck,
  ReaderLeft,
  refuseSameOutputs,
  UsageError,
} from "@ensam/core/command";
import { runFolder } from "@ensam/core/runs";
import { type FollowedRun, type FollowOptions, followRun, followStream, type TakeRows } from "./followRun.ts";
import type { MonitorCommandOptions } from "./options.ts";
import { plainLines } from "./plainLines.ts";
import { openSinks } from "./sinks/openSinks.ts";
import { openKeyboard, terminalOf, wantsColours } from "./view/terminal.ts";

/** Where the rows of a run come from. */
interface Source {
  readonly name: string;
  /** Undefined for standard input. */
  readonly log?: string;
  readonly folder?: string;
}

export async function monitorCommand(context: Context<MonitorCommandOptions>): Promise<number> {
  const { options, streams } = context;
  const sources = sourcesOf(context);
  refuseInputsAsOutputs(context, sources);
  if (options.export !== undefined) {
    const [source, ...others] = sources;
    if (others.length > 0 || source?.log === undefined) {
      throw new UsageError(`--export: expected one run folder, got ${others.length > 0 ? sources.length : "a pipe"}`);
    }
    if (!/\.svg$/i.test(options.export)) {
      throw new UsageError(`--export ${options.export}: expected a name that ends in .svg, the only format drawn`);
    }
    await (await import("./sinks/exportCurves.ts")).exportCurves(source.log, source.name, options.export);
    return exitCodes.done;
  }
  const sinks = openSinks(
    options,
    sources.map(({ name }) => name),
  );
  let rowCount = 0;
  const takers = sinks.take.map(
    (sink): TakeRows =>
      (rows, restarted) => {
        rowCount += rows.length;
        sink(rows, restarted);
      },
  );
  const terminal = options.plain || options.once ? undefined : terminalOf(streams.output, streams.env);
  try {
    if (terminal === undefined) {
      const { isWhole, runs } = await printLines(context, sources, takers);
      if (isWhole && rowCount === 0) refuseNothing(runs);
      return exitCodes.done;
    }
    const { showMonitor } = await import("./view/showMonitor.tsx");
    let onChange = () => {};
    const runs = sources.map((source, i) => follow(source, context, { onRows: takers[i], onChange: () => onChange() }));
    const monitor = showMonitor({
      runs,
      terminal,
      keyboard: openKeyboard(streams.input),
      colours: wantsColours(streams.env),
    });
    onChange = monitor.changed;
    const stopListening = streams.onSignal?.(monitor.close);
    await monitor.closed;
    stopListening?.();
    for (const run of runs) run.close();
    if (rowCount === 0 && runs.every((run) => run.finished())) refuseNothing(runs);
    return exitCodes.done;
  } finally {
    await sinks.close();
  }
}

/** No rows at all are an input error, as in every command; of a run that was killed that is said already. */
function refuseNothing(runs: readonly FollowedRun[]): void {
  if (runs.some((run) => run.view().status === "dead")) return;
  throw new InputError(`${runs.map(({ name }) => name).join(", ")}: expected at least one row of a run, got none`);
}

/** Neither a log nor another file of a run may be replaced; its curves may. */
function refuseInputsAsOutputs(context: Context<MonitorCommandOptions>, sources: readonly Source[]): void {
  const { export: curves, csv } = context.options;
  refuseSameOutputs({ "--export": curves, "--csv": csv });
  const check = overwriteCheck([curves, csv].filter((path) => path !== undefined));
  check(namedInputs(context));
  for (const { log, folder } of sources) {
    const { run, last, previous, best } = runFolder(folder ?? "");
    check(folder === undefined ? [log] : [log, run, last, previous, best]);
  }
}

/** Said of a run whose process was killed. */
const deadWords =
  "dead: its process is gone, and wrote no end; the same ensam-train command goes on from the last checkpoint";

/** Prints lines until every run has ended, or only what there is; `isWhole`, unless a signal or the reader ended it before. */
async function printLines(
  context: Context<MonitorCommandOptions>,
  sources: readonly Source[],
  sinks: readonly TakeRows[],
): Promise<{ isWhole: boolean; runs: readonly FollowedRun[] }> {
  const { options, streams, rows } = context;
  const runs: FollowedRun[] = [];
  let done: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    done = resolve;
  });
  let written = Promise.resolve();
  const print = (lines: readonly string[]) => {
    if (lines.length === 0 || context.quiet) return;
    written = written.then(() => rows.writeText(`${lines.join("\n")}\n`));
    written.catch(done); // A reader that has left ends the command.
  };
  const look = () => {
    if (runs.length === sources.length && runs.every((run) => run.finished())) done();
  };
  sources.forEach((source, i) => {
    const lines = plainLines(sources.length > 1 ? source.name : undefined);
    const onRows: TakeRows = (taken, restarted) => {
      sinks[i]!(taken, restarted);
      print(lines(taken, restarted));
    };
    runs.push(follow(source, context, { onRows, onChange: look }));
  });
  const stopListening = streams.onSignal?.(done);
  // What comes through a pipe is all there is, however long it takes.
  if (options.once && sources.every(({ log }) => log !== undefined)) {
    await Promise.all(runs.map((run) => run.caughtUp));
  } else {
    look();
    await over;
  }
  stopListening?.();
  const isWhole = options.once || runs.every((run) => run.finished());
  for (const [i, run] of runs.entries()) {
    if (run.view().status === "dead") print([`${sources.length > 1 ? `${sources[i]!.name}: ` : ""}${deadWords}`]);
    run.close();
  }
  await written.catch((error: unknown) => {
    if (!(error instanceof ReaderLeft)) throw error;
  });
  return { isWhole, runs };
}

function follow(
  { name, log, folder }: Source,
  { streams }: Context<MonitorCommandOptions>,
  options: Omit<FollowOptions, "name">,
): FollowedRun {
  return log === undefined
    ? followStream(streams.input, { name, ...options })
    : followRun(log, folder, { name, ...options });
}

function sourcesOf({ positionals, streams, options }: Context<MonitorCommandOptions>): Source[] {
  const paths = positionals.length === 0 ? ["-"] : positionals;
  if (paths.filter((path) => path === "-").length > 1) throw new UsageError("-: expected once, got twice");
  const names = paths.map((path) => basename(resolve(streams.cwd, path)));
  return paths.map((path, i) => {
    if (path === "-") {
      if (!streams.inputIsTty) return { name: "stdin" };
      throw new UsageError("runs: expected run folders or rows on standard input, got a terminal (see --help)");
    }
    const full = resolve(streams.cwd, path);
    const alike = names.filter((name) => name === names[i]).length > 1;
    return { name: alike ? path : names[i]!, ...logOf(full, path, options.wait) };
  });
}

function logOf(full: string, path: string, waits: boolean): Pick<Source, "log" | "folder"> {
  const found = statSync(full, { throwIfNoEntry: false });
  if (found === undefined && !waits) {
    throw new InputError(`${path}: expected a run folder or a log file, got nothing there (--wait waits for one)`);
  }
  if (found !== undefined && !found.isDirectory()) {
    const folder = join(full, "..");
    return { log: full, folder: full === runFolder(folder).log ? folder : undefined };
  }
  const { log } = runFolder(full);
  if (!waits && !existsSync(log)) {
    throw new InputError(`${path}: expected a run with log.ndjson, got a folder without one (--wait waits for it)`);
  }
  return { log, folder: full };
}
