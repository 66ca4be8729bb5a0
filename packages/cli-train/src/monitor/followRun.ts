import { existsSync, type FSWatcher, readFileSync, statSync, watch } from "node:fs";
import type { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { isAbandoned } from "@ensam/core/command";
import { askRun, type ControlWord, type LogRow, parseRow, runFolder } from "@ensam/core/runs";
import { followFile } from "./followFile.ts";
import { lineSplitter } from "./lineSplitter.ts";
import { durationWords } from "./panels/numbers.ts";
import type { RunView } from "./runView.ts";
import { afterLines } from "./state/afterLines.ts";
import { emptyState, type MonitorState, withNote } from "./state/monitorState.ts";
import { rates } from "./state/rates.ts";

/** Takes the rows of a run as they come; `restarted` says that what was taken before no longer holds. */
export type TakeRows = (rows: readonly LogRow[], restarted: boolean) => void;

/** A run that is followed. */
export interface FollowedRun {
  readonly name: string;
  view(): RunView;
  /** Whether the run can be asked for something: it has a folder and has not ended. */
  readonly canAsk: () => boolean;
  ask(word: ControlWord | "stop"): void;
  /** Adds a note that does not stand in the log. */
  note(line: string): void;
  /** Whether no more rows will come. */
  finished(): boolean;
  /** Resolves when what stood in the log at the beginning has been taken. */
  readonly caughtUp: Promise<void>;
  close(): void;
}

export interface FollowOptions {
  readonly name: string;
  readonly onRows?: TakeRows;
  /** Called after each change of what `view` returns, other than the passing of time. */
  readonly onChange: () => void;
}

const pollMilliseconds = 500;
/** Rows come in bursts; they are read together. */
const settleMilliseconds = 50;
/** A run may be silent for this long, or for so many steps or validations, before it is remarked on. */
const silence = { seconds: 120, steps: 10, validations: 2 };

/** Follows the log of a run that another process writes, or has written. */
export function followRun(log: string, folder: string | undefined, options: FollowOptions): FollowedRun {
  const follower = followFile(log);
  const run = runState(options);
  let seen = { control: false, paused: false, slice: -1, dead: false };
  let closed = false;
  let reading = false;
  /** An end row is the end only if nothing stands after it. */
  let behind = true;
  let again = false;
  let woken: NodeJS.Timeout | undefined;

  const look = () => {
    if (folder === undefined) return;
    const files = runFolder(folder);
    const now = {
      control: existsSync(files.control),
      paused: existsSync(files.paused),
      slice: modified(files.slice),
      // A process that was killed leaves its lock, and no row about its end.
      dead: isAbandoned(files.lock),
    };
    const isSame = (["control", "paused", "slice", "dead"] as const).every((key) => now[key] === seen[key]);
    if (isSame) return;
    if (now.slice !== seen.slice && now.slice >= 0) run.take([readRow(files.slice)].filter((row) => row !== undefined));
    seen = now;
    run.setWaiting(now.control, now.paused, now.dead);
  };

  const read = async () => {
    if (reading) {
      again = true;
      return;
    }
    reading = true;
    do {
      again = false;
      const news = await follower.read();
      if (closed) break;
      if (news === undefined) break;
      if (news.restarted) {
        run.restart();
        seen = { ...seen, slice: -1 };
      }
      behind = news.more;
      run.takeLines(news.lines, modified(log));
      if (news.more) {
        again = true;
        await nextTurn(); // Keys and frames come in between.
      }
    } while (again);
    reading = false;
    if (!closed) look();
  };

  const wake = () => {
    woken ??= setTimeout(() => {
      woken = undefined;
      void read();
    }, settleMilliseconds);
  };
  const timer = setInterval(() => void read(), pollMilliseconds);
  const watcher = watched(folder ?? log, wake);
  const caughtUp = read();
  return {
    name: options.name,
    view: run.view,
    canAsk: () => folder !== undefined && run.state().end === undefined && !seen.dead,
    ask(word) {
      if (folder === undefined) return;
      askRun(folder, word);
      run.say(word);
      look();
    },
    note: run.note,
    finished: () => !behind && (run.state().end !== undefined || seen.dead),
    caughtUp,
    close() {
      closed = true;
      clearInterval(timer);
      clearTimeout(woken);
      watcher?.close();
    },
  };
}

/** Follows rows that come through a pipe. */
export function followStream(input: Readable, options: FollowOptions): FollowedRun {
  const run = runState(options);
  const lines = lineSplitter();
  let over = false;
  const end = () => {
    if (over) return;
    over = true;
    run.takeLines(lines.rest());
    options.onChange();
  };
  input.on("data", (chunk: Buffer | string) => run.takeLines(lines.take(Buffer.from(chunk))));
  input.on("end", end);
  input.on("error", end);
  input.on("close", end);
  return {
    name: options.name,
    view: () => {
      const view = run.view();
      return over && view.status !== "ended" ? { ...view, status: "ended" } : view;
    },
    canAsk: () => false,
    ask() {},
    note: run.note,
    finished: () => over,
    caughtUp: Promise.resolve(),
    close: () => {
      input.pause();
    },
  };
}

/** The state of a followed run, and when rows last came. */
function runState({ name, onRows, onChange }: FollowOptions) {
  let state: MonitorState = emptyState;
  let lastRows: number | undefined;
  let [asked, waiting, paused, dead, restarted] = [undefined as string | undefined, false, false, false, false];
  const monotonicSeconds = () => performance.now() / 1000;
  const take = (rows: readonly (LogRow | undefined)[]) => {
    if (rows.length === 0) return;
    state = afterLines(state, rows);
    onRows?.(
      rows.filter((row) => row !== undefined),
      restarted,
    );
    restarted = false;
    if (state.end !== undefined) asked = undefined;
    onChange();
  };
  return {
    state: () => state,
    take,
    restart() {
      [state, restarted] = [emptyState, true];
      onChange();
    },
    takeLines(lines: readonly string[], modifiedSeconds?: number) {
      if (lines.length === 0) return;
      // Rows found at the beginning are as old as the file; clocks may differ or have been set back.
      const age = lastRows === undefined && modifiedSeconds !== undefined ? Date.now() / 1000 - modifiedSeconds : 0;
      lastRows = monotonicSeconds() - Math.max(0, age);
      take(lines.map(parseRow));
    },
    note(line: string) {
      state = withNote(state, "info", line);
      onChange();
    },
    say(word: string) {
      asked = word;
      onChange();
    },
    setWaiting(control: boolean, nowPaused: boolean, nowDead: boolean) {
      if (waiting && !control && asked !== "stop") asked = undefined; // The run has taken it.
      [waiting, paused, dead] = [control, nowPaused, nowDead];
      onChange();
    },
    view(): RunView {
      const quietSeconds = lastRows === undefined ? undefined : Math.max(0, Math.floor(monotonicSeconds() - lastRows));
      const said = asked === undefined ? undefined : `${asked} asked: after this sample`;
      return {
        name,
        state,
        status: statusOf(state, paused, dead, quietSeconds),
        lastRow: agoWords(quietSeconds),
        said,
      };
    },
  };
}

function statusOf(
  state: MonitorState,
  paused: boolean,
  dead: boolean,
  quietSeconds: number | undefined,
): RunView["status"] {
  if (state.end !== undefined) return "ended";
  if (dead) return "dead";
  if (paused) return "paused";
  if (state.run === undefined && state.step === 0) return "waiting";
  const perStep = rates(state)?.secondsPerStep ?? 0;
  const perValidation = state.validations.seconds / Math.max(1, state.validations.count);
  const usual = Math.max(silence.seconds, silence.steps * perStep, silence.validations * perValidation);
  return (quietSeconds ?? 0) > usual ? "silent" : "running";
}

/** In steps of ten seconds, then of minutes: a frame is drawn whenever these words change. */
function agoWords(seconds: number | undefined): string | undefined {
  if (seconds === undefined) return undefined;
  if (seconds < 10) return "just now";
  const step = seconds < 60 ? 10 : 60;
  return `${durationWords(Math.floor(seconds / step) * step).replace(/ 0 (s|min)$/, "")} ago`;
}

function readRow(path: string): LogRow | undefined {
  try {
    return parseRow(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** Seconds since 1970; -1 for no such file. */
function modified(path: string): number {
  return (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? -1000) / 1000;
}

/** Some file systems cannot be watched; then polling alone has to do. */
function watched(path: string, onEvent: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(path, { persistent: false }, onEvent);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
