import type { Run } from "./readRuns.ts";

/** How much longer a run takes than its steps: validation, curves, and the test with a box and with clicks alone. */
const besideSteps = 1.35;

/**
 * What there is to do in words: runs, steps, and hours for one and two processes of one thread each.
 *
 * @param wanted          names of the runs
 * @param begun           what is there; its steps say better how long one takes than
 * @param secondsPerStep  what `ensam-train --plan` measures, for the largest sample
 */
export function planText(
  wanted: readonly string[],
  begun: readonly Run[],
  steps: number,
  secondsPerStep: number,
): string {
  const done = new Set(begun.filter(({ isScored }) => isScored).map(({ arm, seed }) => `${arm}-s${seed}`));
  const open = wanted.filter((run) => !done.has(run));
  const sum = (of: (run: Run) => number) => begun.reduce((total, run) => total + of(run), 0);
  const seen = sum((run) => run.steps);
  const each = seen > 0 ? sum((run) => run.seconds) / seen : secondsPerStep;
  const how = seen > 0 ? `as in the ${seen} steps of these runs` : "of the largest sample, as measured now";
  const hours = (runs: number) => ((runs * steps * each * besideSteps) / 3600).toFixed(1);
  // A run is one process: an odd one has nothing beside it.
  const atOnce = open.length > 1 ? ` one after the other, ${hours(Math.ceil(open.length / 2))} two at once (-j2)` : "";
  return [
    `runs: ${wanted.length}, of which ${wanted.length - open.length} are done; to do: ${open.join(" ") || "none"}\n`,
    `steps: ${steps} each, ${each.toFixed(3)} s a step ${how}\n`,
    `about ${hours(open.length)} hours${atOnce}\n`,
  ].join("");
}
