import type { ValidationSlice } from "@ensam/core/runs";
import type { MonitorState } from "../state/monitorState.ts";
import { printable } from "./cells.ts";
import { halfBlocks, type Pixel } from "./halfBlocks.ts";
import { lineOf, type Paint, type Part, paintNothing, titleLine } from "./paint.ts";

/** A slice of a validation case: on the left with the truth, on the right with the prediction's hits and errors. */
export function slicePanel(state: MonitorState, width: number, height: number, paint: Paint): string[] {
  const { slice } = state;
  if (slice === undefined) {
    return [titleLine(paint, width, "slice"), lineOf(paint, width, [["dim", "none yet: comes with a validation"]])];
  }
  const label = slice.label === undefined ? "" : ` label ${slice.label}`;
  const title = titleLine(paint, width, "slice", [
    ...(slice.dsc === undefined ? [] : [["bold", `DSC ${slice.dsc.toFixed(3)} `] as Part]),
    printable(`${slice.case}${label} z ${slice.z}`),
  ]);
  const colours = paint !== paintNothing;
  const rows = height - 2;
  const columns = Math.floor((width - 2) / 2);
  if (rows < 2 || columns < 4) return [title];
  const truth = halfBlocks(pixels(slice, truthKinds), columns, rows, colours);
  const errors = halfBlocks(pixels(slice, errorKinds), columns, rows, colours);
  const picture = truth.lines.map((line, row) => `${line}  ${errors.lines[row]}`);
  const legend = lineOf(paint, width, [
    ["good", colours ? "truth" : "T truth"],
    " ".repeat(Math.max(1, truth.columns + 2 - (colours ? 5 : 7))),
    ["good", colours ? "hit " : "# hit "],
    ["curve0", colours ? "missed " : "o missed "],
    ["bad", colours ? "extra" : "x extra"],
  ]);
  return [title, ...picture, legend].slice(0, height);
}

const truthKinds = ["image", "truth", "image", "truth"] as const;
const errorKinds = ["image", "missed", "tooMuch", "hit"] as const;

function pixels(slice: ValidationSlice, kinds: readonly Pixel["kind"][]) {
  const image = Buffer.from(slice.image, "base64");
  const masks = Buffer.from(slice.masks, "base64");
  const [rows, columns] = slice.shape;
  return {
    rows,
    columns,
    at: (y: number, x: number): Pixel => {
      const i = y * columns + x;
      return { level: image[i]! / 255, kind: kinds[masks[i]! & 3]! };
    },
  };
}
