import type { StatusLine } from "./statusLine.ts";

/** Progress of a known or unknown number of pieces of work. */
export interface Progress {
  /** Counts pieces as done; `note` says what was last done. */
  advance(pieces?: number, note?: string): void;
  /** Says how many pieces there are in all, where that becomes known later. */
  expect(total: number): void;
  /** Removes the bar; elsewhere prints the last line if any was printed. */
  done(): void;
}

export interface ProgressOptions {
  readonly total?: number | undefined;
  readonly label: string;
  readonly before?: number | undefined;
  readonly quiet: boolean;
  readonly now?: () => number;
}

const lineEverySeconds = 10;
const redrawEverySeconds = 0.1;
const barWidth = 24;

/**
 * Returns a progress display: a bar on a terminal, one line every ten seconds elsewhere, nothing when quiet.
 *
 * @param total pieces in all, or undefined if unknown
 * @param label what the pieces are, such as "cases"
 * @param before  pieces that an earlier run did: they count as done, but say nothing about the time left
 * @param now   clock in seconds
 */
export function createProgress(
  line: StatusLine,
  { total: known, label, before = 0, quiet, now = seconds }: ProgressOptions,
): Progress {
  if (quiet) return { advance() {}, expect() {}, done() {} };
  const start = now();
  let total = known;
  let [count, last, shown, printed] = [before, "", start, false];
  let shownCount = -1;
  const show = (): void => {
    shown = now();
    shownCount = count;
    const text = progressText({ count, before, total, label, seconds: shown - start, last }, line.redraws);
    if (line.redraws) line.status(text);
    else [printed] = [true, line.print(text)];
  };
  const every = line.redraws ? redrawEverySeconds : lineEverySeconds;
  // For work whose pieces take long; after long ones the timer is late, and `advance` has just shown what there is.
  const showIfDue = (): void => {
    if (now() - shown >= every / 2) show();
  };
  const timer = setInterval(showIfDue, lineEverySeconds * 1000);
  timer.unref();
  if (line.redraws) show();
  return {
    advance(pieces = 1, note = "") {
      count += pieces;
      last = note;
      if (now() - shown >= every) show();
    },
    expect(pieces) {
      total = pieces;
    },
    done() {
      clearInterval(timer);
      if (line.redraws) line.status("");
      else if (printed && count !== shownCount) show();
    },
  };
}

interface ProgressState {
  readonly count: number;
  readonly before?: number;
  readonly total?: number;
  readonly label: string;
  readonly seconds: number;
  readonly last: string;
}

/** Returns one line such as `cases 12/40, 8 s, 19 s left  CT_AMOS_0018`. */
export function progressText(
  { count, before = 0, total, label, seconds, last }: ProgressState,
  withBar: boolean,
): string {
  const part = total === undefined || total === 0 ? undefined : Math.min(1, count / total);
  const filled = Math.round((part ?? 0) * barWidth);
  const bar = withBar && part !== undefined ? `[${"#".repeat(filled)}${".".repeat(barWidth - filled)}] ` : "";
  const secondsLeft = total === undefined ? 0 : (seconds / (count - before)) * (total - count);
  const left = part === undefined || count === before || part === 1 ? "" : `, ${duration(secondsLeft)} left`;
  const done = total === undefined ? `${count}` : `${count}/${total}`;
  return `${bar}${label} ${done}, ${duration(seconds)}${left}${last === "" ? "" : `  ${last}`}`;
}

/** Returns a duration in words: `8 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

function seconds(): number {
  return performance.now() / 1000;
}
