/**
 * Writes docs/monitor.svg: the terminal view of a training, from the log of a run.
 *
 *   node scripts/dist/monitorPicture.js RUN [STEP]
 *
 * RUN is a run folder with validations and a slice; rows of STEP and after it are left out, and so is the end, so that
 * the run is under way.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { parseRow, runFolder } from "@ensam/core/runs";
import { terminalSvg } from "./terminalSvg.ts";

const [run, until = "Infinity"] = process.argv.slice(2);
if (run === undefined) throw new RangeError("monitorPicture: expected a run folder, got none");
const { log, slice } = runFolder(run);
const built = new URL("../../packages/cli-train/dist/monitor/view/frameOfLog.js", import.meta.url).href;
const { frameOfLog } = (await import(built)) as {
  frameOfLog(lines: readonly string[], options: { name: string; columns: number; rows: number }): string;
};
const rows = readFileSync(log, "utf8").trimEnd().split("\n");
const end = rows.findIndex((row) => Number(parseRow(row)?.step) >= Number(until) || parseRow(row)?.type === "end");
const last = readFileSync(slice, "utf8").trim();
if (!(Number(parseRow(last)?.step) < Number(until))) {
  throw new RangeError(`${slice}: expected a slice from before step ${until}, got one of step ${parseRow(last)?.step}`);
}
const shown = [...(end < 0 ? rows : rows.slice(0, end)), last];
const frame = frameOfLog(shown, { name: basename(run), columns: 124, rows: 38 });
const title =
  "ensam-train in a terminal: progress, loss and DSC curves, speeds, validation table, a slice with truth and prediction";
writeFileSync(new URL("../../docs/monitor.svg", import.meta.url), terminalSvg(frame, title));
