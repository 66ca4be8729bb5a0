import { InputError } from "@ensam/core/command";
import type { PlacelessPrompt, PromptFile, RawPoint, RawPrompt, SlicerReading } from "./rawPrompts.ts";
import { insteadOfPrompt } from "./refusedPrompts.ts";
import { isBackgroundWord, slicerSpace } from "./slicerWords.ts";

/** Whether the content of a JSON file is Slicer's markups. */
export function isMarkups(content: unknown): content is { readonly markups: unknown } {
  return typeof content === "object" && content !== null && "markups" in content;
}

/**
 * The prompts of a markups file of 3D Slicer: each defined point of a point list is a click (a background click where
 * its label or description begins with bg, background or negative), and an ROI is a box. Whether a point is selected or
 * shown does not matter.
 *
 * Source: Slicer's markups-schema-v1.0.3.json.
 */
export function markupsIn(
  path: string,
  { markups }: { readonly markups: unknown },
  reading: SlicerReading,
): PromptFile {
  if (!Array.isArray(markups) || markups.length === 0) throw refuse(`${path}: markups`, "a list of markups", markups);
  const notes: string[] = [];
  const prompts = markups.flatMap((value: unknown, index): RawPrompt[] => {
    const where = `${path}: markups[${index}]`;
    const markup = record(where, value);
    const { type } = markup;
    if (type !== "Fiducial" && type !== "ROI") {
      const instead = typeof type === "string" ? insteadOfPrompt(type) : undefined;
      throw refuse(`${where}.type`, `"Fiducial" (a point list) or "ROI"${instead ? ` (${instead})` : ""}`, type);
    }
    const space = slicerSpace(`${where}.coordinateSystem`, markup.coordinateSystem, reading.space);
    refuseOtherUnit(where, markup.coordinateUnits);
    const located = type === "ROI" ? [roiPrompt(where, markup)] : pointPrompts(where, markup, reading, notes);
    return located.map((prompt) => ({ ...prompt, object: reading.object, space }));
  });
  if (prompts.length === 0) throw refuse(path, "a point that is defined or an ROI", "none");
  return { prompts, names: new Map(), notes };
}

interface Located {
  readonly where: string;
  readonly prompt: PlacelessPrompt;
}

function pointPrompts(
  where: string,
  markup: Readonly<Record<string, unknown>>,
  { isBackground }: SlicerReading,
  notes: string[],
): Located[] {
  const { controlPoints } = markup;
  if (!Array.isArray(controlPoints)) throw refuse(`${where}.controlPoints`, "a list of points", controlPoints);
  return controlPoints.flatMap((value: unknown, i): Located[] => {
    const place = `${where}.controlPoints[${i}]`;
    const { position, positionStatus = "defined", label = "", description = "" } = record(place, value);
    if (positionStatus !== "defined") {
      notes.push(`${place}: a point that was not placed (${String(positionStatus)}) is left out`);
      return [];
    }
    const foreground = !isBackground && !isBackgroundWord(label) && !isBackgroundWord(description);
    return [{ where: place, prompt: { kind: "click", at: triple(`${place}.position`, position), foreground } }];
  });
}

/** An ROI is a box by its centre, its size along its own axes, and these axes as the columns of a matrix given row by row. */
function roiPrompt(where: string, markup: Readonly<Record<string, unknown>>): Located {
  const { center, size, orientation = [1, 0, 0, 0, 1, 0, 0, 0, 1], insideOut = false, roiType = "Box" } = markup;
  if (insideOut !== false) throw refuse(`${where}.insideOut`, "an ROI whose inside is meant", insideOut);
  if (roiType !== "Box" && roiType !== "BoundingBox")
    throw refuse(`${where}.roiType`, '"Box" or "BoundingBox"', roiType);
  const lengths = triple(`${where}.size`, size);
  if (!lengths.every((length) => length > 0)) throw refuse(`${where}.size`, "three lengths above 0", size);
  if (!Array.isArray(orientation) || orientation.length !== 9 || !orientation.every(Number.isFinite)) {
    throw refuse(`${where}.orientation`, "nine numbers", orientation);
  }
  const axes = orientation as number[];
  const halfEdge = (axis: number): RawPoint => {
    const half = lengths[axis]! / 2;
    return [axes[axis]! * half, axes[3 + axis]! * half, axes[6 + axis]! * half];
  };
  const halfEdges = [halfEdge(0), halfEdge(1), halfEdge(2)] as const;
  const [a, b, c] = halfEdges;
  const volume =
    a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0]);
  if (volume === 0) throw refuse(`${where}.orientation`, "three axes that span a box", orientation);
  return { where, prompt: { kind: "roi", center: triple(`${where}.center`, center), halfEdges } };
}

function refuseOtherUnit(where: string, unit: unknown): void {
  const code = typeof unit === "object" && unit !== null ? (unit as { code?: unknown }).code : unit;
  if (code !== undefined && code !== "mm") throw refuse(`${where}.coordinateUnits`, '"mm"', unit);
}

function triple(where: string, value: unknown): RawPoint {
  if (Array.isArray(value) && value.length === 3 && value.every(Number.isFinite)) return value as unknown as RawPoint;
  throw refuse(where, "three numbers", value);
}

function record(where: string, value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw refuse(where, "an object", value);
}

function refuse(where: string, expected: string, got: unknown): InputError {
  const words = got === "none" ? "none" : (JSON.stringify(got) ?? "nothing").slice(0, 80);
  return new InputError(`${where}: expected ${expected}, got ${words}`);
}
