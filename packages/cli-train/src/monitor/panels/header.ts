import type { RunView } from "../runView.ts";
import { rates, secondsLeft } from "../state/rates.ts";
import { cellsOf, fitted, printable } from "./cells.ts";
import { durationWords, grouped, shortNumber } from "./numbers.ts";
import { lineOf, type Paint, type Part, type Style } from "./paint.ts";

/** Three lines: what runs and how it is, bars of epochs and steps, times. */
export function header(view: RunView, width: number, paint: Paint): string[] {
  return [titleOf(view, width, paint), barsOf(view, width, paint), timesOf(view, width, paint)];
}

function titleOf({ name, state, status }: RunView, width: number, paint: Paint): string {
  const { run } = state;
  const [style, words] = statusWords[status](state.end?.reason);
  const about = [
    run?.preset,
    run?.parameters === undefined ? undefined : `${grouped(run.parameters)} parameters`,
    run?.device,
  ].filter((part) => part !== undefined);
  const right = `${words}`;
  const space = width - cellsOf(right) - 1;
  const left = [`ENSAM  `, printable(name), printable(about.length === 0 ? "" : `  ${about.join(" · ")}`)];
  const shown = fitted(left.join(""), space);
  const parts: Part[] = [
    ["title", shown.slice(0, left[0]!.length)],
    ["bold", shown.slice(left[0]!.length, left[0]!.length + left[1]!.length)],
    ["dim", shown.slice(left[0]!.length + left[1]!.length)],
    " ".repeat(space - cellsOf(shown) + 1),
    [style, right],
  ];
  return lineOf(paint, width, parts);
}

const statusWords: Record<RunView["status"], (reason?: string) => [Style, string]> = {
  waiting: () => ["dim", "○ waiting for rows"],
  running: () => ["good", "● training"],
  silent: () => ["warning", "◌ no rows lately"],
  paused: () => ["warning", "‖ paused"],
  dead: () => ["bad", "✕ dead: its process is gone"],
  ended: (reason) => [reason === "done" ? "good" : "warning", `■ ${printable(reason ?? "ended")}`],
};

function barsOf({ state }: RunView, width: number, paint: Paint): string {
  const { run, step, epoch } = state;
  const epochs =
    run?.epochs === undefined ? epoch.toFixed(1) : `${Math.min(Math.floor(epoch) + 1, run.epochs)}/${run.epochs}`;
  const steps = run?.totalSteps === undefined ? grouped(step) : `${grouped(step)}/${grouped(run.totalSteps)}`;
  // The bar of an epoch is about the epoch under way, the other about the whole run.
  const inEpoch = epoch > 0 && Number.isInteger(epoch) ? 1 : epoch % 1;
  const ofRun = run?.totalSteps ? Math.min(1, step / run.totalSteps) : undefined;
  const words = cellsOf(`epoch ${epochs}   step ${steps}   100 %`);
  const cells = Math.max(4, width - words - 4);
  const [first, second] = [Math.floor(cells / 3), cells - Math.floor(cells / 3)];
  return lineOf(paint, width, [
    ["dim", "epoch "],
    `${epochs} `,
    ...bar(inEpoch, first),
    ["dim", "  step "],
    `${steps} `,
    ...bar(ofRun ?? 0, second),
    ofRun === undefined ? "" : ` ${Math.floor(100 * ofRun)} %`,
  ]);
}

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar of so many cells, exact to an eighth of a cell. */
export function bar(part: number, cells: number): Part[] {
  const filled = Math.round(Math.min(1, Math.max(0, part)) * cells * 8);
  const shown = "█".repeat(filled >> 3) + eighths[filled & 7]!;
  return [
    ["accent", shown],
    ["dim", "░".repeat(Math.max(0, cells - cellsOf(shown)))],
  ];
}

function timesOf({ state, status, lastRow, said }: RunView, width: number, paint: Paint): string {
  const left = secondsLeft(state);
  const speed = rates(state);
  const parts: Part[] = [["dim", "trained "], durationWords(state.seconds)];
  if (left !== undefined && status !== "ended" && status !== "dead")
    parts.push(["dim", "  left "], durationWords(left));
  if (speed !== undefined) parts.push(`  ${shortNumber(speed.secondsPerStep)} s`, ["dim", " per step"]);
  if (status !== "ended" && lastRow !== undefined) parts.push(["dim", "  last row "], lastRow);
  if (state.failures > 0) parts.push(["bad", `  ${state.failures} failed`]);
  if (said !== undefined) parts.push(["warning", `  ${printable(said)}`]);
  return lineOf(paint, width, parts);
}
