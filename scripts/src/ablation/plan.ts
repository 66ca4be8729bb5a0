import { existsSync } from "node:fs";
import { join } from "node:path";

/** How much longer a run takes than its steps: validation, curves, and the test with a box and with clicks alone. */
const besideSteps = 1.35;

/** What there is to do in words: runs, steps, and hours for one and two processes of one thread each. */
export function planText(folder: string, runs: readonly string[], steps: number, secondsPerStep: number): string {
  const open = runs.filter((run) => !existsSync(join(folder, "runs", run, "scores.ndjson")));
  const hours = (open.length * steps * secondsPerStep * besideSteps) / 3600;
  return [
    `runs: ${runs.length}, of which ${runs.length - open.length} are done; to do: ${open.join(" ") || "none"}\n`,
    `steps: ${steps} each, ${secondsPerStep.toFixed(3)} s a step of the largest sample as measured here\n`,
    `about ${hours.toFixed(1)} hours one after the other, ${(hours / 2).toFixed(1)} two at once (-j2)\n`,
  ].join("");
}
