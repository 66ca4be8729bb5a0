import { readFile } from "node:fs/promises";
import { describeError, InputError, refuseEndlessInput } from "@ensam/core/command";
import type { PromptFile, RawPoint, RawPrompt, SlicerReading } from "./rawPrompts.ts";
import { isBackgroundWord, slicerSpace } from "./slicerWords.ts";

/** The columns of Slicer 4 and 5, for a file without the line that names them. */
const usualColumns = "id,x,y,z,ow,ox,oy,oz,vis,sel,lock,label,desc,associatedNodeID";
const statesSystem = /^#\s*coordinatesystem\s*=\s*(\S+)/i;
const statesColumns = /^#\s*columns\s*=\s*(.+)$/i;

/** Reads a point list of 3D Slicer (.fcsv): each point is a click, by the rules of {@link markupsIn}. */
export async function readPointFile(path: string, reading: SlicerReading): Promise<PromptFile> {
  refuseEndlessInput(path);
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new InputError(`${path}: ${describeError(error).replace(/^.*?: /, "")}`, { cause: error });
  });
  return pointsIn(path, text, reading);
}

/** The clicks in the text of an .fcsv file. */
export function pointsIn(path: string, text: string, reading: SlicerReading): PromptFile {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const stated = lines.map((line) => statesSystem.exec(line)?.[1]).find((value) => value !== undefined);
  const space = slicerSpace(`${path}: CoordinateSystem`, stated, reading.space);
  const columns = (
    lines.map((line) => statesColumns.exec(line)?.[1]).find((found) => found !== undefined) ?? usualColumns
  )
    .split(",")
    .map((name) => name.trim().toLowerCase());
  const missing = ["x", "y", "z"].find((name) => !columns.includes(name));
  if (missing !== undefined) throw new InputError(`${path}: columns: expected x, y and z, got no ${missing}`);
  const prompts = lines.flatMap((line, i): RawPrompt[] => {
    if (line.trim() === "" || line.startsWith("#")) return [];
    const where = `${path}:${i + 1}`;
    const values = cellsOf(line);
    const cell = (name: string): string => values[columns.indexOf(name)] ?? "";
    const at = ["x", "y", "z"].map((name) => (cell(name).trim() === "" ? Number.NaN : Number(cell(name))));
    if (!at.every(Number.isFinite)) {
      throw new InputError(
        `${where}: expected the numbers x, y, z in columns ${columns.join(",")}, got ${line.slice(0, 80)}`,
      );
    }
    const foreground = !reading.isBackground && !isBackgroundWord(cell("label")) && !isBackgroundWord(cell("desc"));
    const prompt = { kind: "click", at: at as unknown as RawPoint, foreground } as const;
    return [{ where, object: reading.object, space, prompt }];
  });
  if (prompts.length === 0) throw new InputError(`${path}: expected points, got none`);
  return { prompts, names: new Map(), notes: [] };
}

/** The cells of a line of comma separated values; one in quotes may hold commas, and quotes doubled. */
function cellsOf(line: string): string[] {
  const cells = `,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...cells].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "");
}
