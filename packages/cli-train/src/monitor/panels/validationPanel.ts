import type { MonitorState, Validation } from "../state/monitorState.ts";
import { padLeft, padRight, printable } from "./cells.ts";
import { lineOf, type Paint, type Part, titleLine } from "./paint.ts";

const nameCells = 11;
const countCells = 5;
const scoreCells = 5;
const changeCells = 7;

/** The last validation by modality, with the change of the final DSC since the one before. */
export function validationPanel(state: MonitorState, width: number, height: number, paint: Paint): string[] {
  const { validation, validationBefore, best } = state;
  if (validation === undefined) {
    return [titleLine(paint, width, "validation"), lineOf(paint, width, [["dim", "none yet"]])];
  }
  const remark =
    best === undefined ? [] : ([["dim", `best ${best.dscFinal.toFixed(3)} at step ${best.step}`]] as Part[]);
  const lines = [
    titleLine(paint, width, `validation, step ${validation.step}`, remark),
    lineOf(paint, width, [["dim", headOf(validation.dsc.length, width)]]),
    scoreLine("all", validation, validationBefore?.dscFinal, width, paint),
  ];
  for (const [name, scores] of Object.entries(validation.modalities)) {
    const before = validationBefore?.modalities[name]?.dsc.at(-1);
    lines.push(scoreLine(name, scores, before, width, paint));
  }
  return lines.slice(0, height);
}

/** Lines the panel would like. */
export function validationHeight({ validation }: MonitorState): number {
  return validation === undefined ? 2 : 3 + Object.keys(validation.modalities).length;
}

/** Which interactions have room: the first ones are left out before the last. */
function shownScores(count: number, width: number): number[] {
  const room = Math.floor((width - nameCells - countCells - changeCells) / (scoreCells + 1));
  const kept = Math.max(1, Math.min(count, room));
  const all = Array.from({ length: count }, (_, i) => i);
  if (kept === count) return all;
  return kept === 1 ? all.slice(-1) : [0, ...all.slice(count - kept + 1)];
}

function headOf(count: number, width: number): string {
  const names = shownScores(count, width).map((i) => padLeft(i === 0 ? "box" : String(i), scoreCells + 1));
  return `${padRight("modality", nameCells)}${padLeft("cases", countCells)}${names.join("")}${padLeft("change", changeCells)}`;
}

function scoreLine(
  name: string,
  { cases, dsc }: Pick<Validation, "cases" | "dsc">,
  before: number | undefined,
  width: number,
  paint: Paint,
): string {
  const final = dsc.at(-1);
  const change = final === undefined || before === undefined ? undefined : final - before;
  const parts: Part[] = [padRight(printable(name), nameCells), ["dim", padLeft(String(cases ?? ""), countCells)]];
  for (const i of shownScores(dsc.length, width)) {
    const text = padLeft(dsc[i] === undefined ? "-" : dsc[i]!.toFixed(3), scoreCells + 1);
    parts.push(i === dsc.length - 1 ? ["bold", text] : text);
  }
  const words = change === undefined ? "" : `${change < 0 ? "-" : "+"}${Math.abs(change).toFixed(3)}`;
  const style = change === undefined || Math.abs(change) < 5e-4 ? "dim" : change > 0 ? "good" : "bad";
  parts.push([style, padLeft(words, changeCells)]);
  return lineOf(paint, width, parts);
}
