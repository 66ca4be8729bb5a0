import type { MonitorState } from "../state/monitorState.ts";
import { rates } from "../state/rates.ts";
import { padRight, printable } from "./cells.ts";
import { bar } from "./header.ts";
import { bytesWords, shortNumber } from "./numbers.ts";
import { lineOf, type Paint, type Part, titleLine } from "./paint.ts";

const nameCells = 14;
const barCells = 8;
/** Waiting for data above this part of the time is worth a colour. */
const muchWaiting = 0.2;

/** Learning rate, speeds, waiting, memory, gradient, and what was just trained on. */
export function nowPanel(state: MonitorState, width: number, height: number, paint: Paint): string[] {
  const { last } = state;
  const speed = rates(state);
  const lines: [name: string, value: Part[]][] = [];
  if (last?.learningRate !== undefined) lines.push(["learning rate", [shortNumber(last.learningRate)]]);
  if (speed !== undefined) {
    const { waitingShare } = speed;
    const words = `${(100 * waitingShare).toFixed(0)} % `;
    const waits: Part = [waitingShare > muchWaiting ? "warning" : "plain", words];
    lines.push(
      ["samples/s", [shortNumber(speed.samplesPerSecond)]],
      ["voxels/s", [shortNumber(speed.voxelsPerSecond)]],
      ["waits for data", [waits, ...barAfter(words, waitingShare, width)]],
    );
  }
  if (last?.memoryBytes !== undefined) {
    const whole = state.run?.memoryBytes;
    const words = `${bytesWords(last.memoryBytes)} `;
    const share = whole === undefined ? [] : barAfter(words, last.memoryBytes / whole, width);
    lines.push(["memory", [words, ...share]]);
  }
  if (last?.heapBytes !== undefined) lines.push(["heap", [bytesWords(last.heapBytes)]]);
  if (last?.peakDeviceBytes !== undefined) lines.push(["device, peak", [bytesWords(last.peakDeviceBytes)]]);
  if (last?.gradientNorm !== undefined) lines.push(["gradient norm", [shortNumber(last.gradientNorm)]]);
  if (last?.dice !== undefined) lines.push(["Dice loss", [shortNumber(last.dice)]]);
  if (last?.crossEntropy !== undefined) lines.push(["cross-entropy", [shortNumber(last.crossEntropy)]]);
  for (const name of last?.cases ?? []) lines.push(["last case", [printable(name)]]);
  const shown = lines.map(([name, value]) =>
    lineOf(paint, width, [["dim", `${padRight(name, nameCells)} `], ...value]),
  );
  if (shown.length === 0) shown.push(lineOf(paint, width, [["dim", "no steps yet"]]));
  return [titleLine(paint, width, "now"), ...shown].slice(0, height);
}

/** A bar in the space that words leave, if that is enough for one. */
function barAfter(words: string, part: number, width: number): Part[] {
  const room = Math.min(barCells, width - nameCells - 1 - words.length);
  return room < 3 ? [] : bar(part, room);
}
