import { InputError, readJsonFile } from "@ensam/core/command";
import { isMarkups, markupsIn } from "./markupsFile.ts";
import { readPointFile } from "./pointFile.ts";
import {
  firstObject,
  isLabel,
  looksLikeNumber,
  type PromptFile,
  type RawPoint,
  type RawPrompt,
  type SlicerReading,
  type Space,
  unnamedObject,
} from "./rawPrompts.ts";
import { insteadOfPrompt } from "./refusedPrompts.ts";

/**
 * Reads a file of prompts: our JSON, or Slicer's markups (.mrk.json, .fcsv). An InputError names what is wrong.
 *
 * @param slicer  absent where the file has to name its objects itself
 */
export async function readPromptFile(
  path: string,
  slicer: SlicerReading = { object: firstObject, isBackground: false },
): Promise<PromptFile> {
  if (path.toLowerCase().endsWith(".fcsv")) return readPointFile(path, slicer);
  const content = await readJsonFile(path);
  if (isMarkups(content)) return markupsIn(path, content, slicer);
  if (slicer.object !== firstObject || slicer.isBackground) {
    throw new InputError(
      `${path}: expected a .mrk.json or .fcsv file of Slicer's beside an object's name or bg, got prompts that name their objects`,
    );
  }
  return promptsIn(path, content);
}

/** The prompts in the content of a prompt file. */
export function promptsIn(path: string, content: unknown, givenSpace: Space = "voxel"): PromptFile {
  const { space, objects } = fields(path, content, ["space", "objects"]);
  return promptsOfObjects(path, space === undefined ? givenSpace : spaceNamed(`${path}: space`, space), objects);
}

/** The space that a file names; "mm" is RAS. */
export function spaceNamed(where: string, name: unknown): Space {
  if (name === "mm") return "ras";
  if (name === "voxel" || name === "ras" || name === "lps") return name;
  throw refuse(where, '"voxel", "ras" (or "mm") or "lps"', name);
}

/** The prompts of a list of objects, as prompt files and rows have it. */
export function promptsOfObjects(path: string, space: Space, objects: unknown): PromptFile {
  if (!Array.isArray(objects) || objects.length === 0) throw refuse(`${path}: objects`, "a list of objects", objects);
  const names = new Map<number, string>();
  const unnamed = unnamedNames(objects);
  const taken = new Map<string | number, string>();
  const prompts = objects.flatMap((value: unknown, index) => {
    const where = `${path}: objects[${index}]`;
    const { label, name, box, clicks = [] } = fields(where, value, ["label", "name", "box", "clicks"]);
    if (label !== undefined && !(Number.isInteger(label) && isLabel(String(label)))) {
      throw refuse(`${where}.label`, "a whole number from 1 to 999999999", label);
    }
    if (name !== undefined && (typeof name !== "string" || name === "" || looksLikeNumber(name))) {
      throw refuse(`${where}.name`, "text that is no number (label gives the number)", name);
    }
    for (const key of [label, name] as (string | number | undefined)[]) {
      if (key === undefined) continue;
      const other = taken.get(key);
      if (other !== undefined) throw refuse(where, `a label and a name of its own, not those of ${other}`, key);
      taken.set(key, `objects[${index}]`);
    }
    if (label !== undefined && name !== undefined) names.set(label as number, name as string);
    if (!Array.isArray(clicks)) throw refuse(`${where}.clicks`, "a list of clicks", clicks);
    const object = String(label ?? name ?? unnamed(index));
    const boxes = box === undefined ? [] : [boxPrompt(`${where}.box`, box)];
    const clicked = clicks.map((click: unknown, i) => clickPrompt(`${where}.clicks[${i}]`, click));
    return [...boxes, ...clicked].map((prompt) => ({ ...prompt, object, space }) as const);
  });
  return { prompts, names, notes: [] };
}

/** Where one object alone has neither label nor name it is object 1, as on the command line; several are objects of their own. */
function unnamedNames(objects: readonly unknown[]): (index: number) => string {
  const identities = objects.map((object) => (object ?? {}) as { label?: unknown; name?: unknown });
  const isAlone = identities.filter(({ label, name }) => label === undefined && name === undefined).length === 1;
  return isAlone && !identities.some(({ label }) => label === 1) ? () => firstObject : unnamedObject;
}

type Located = Pick<RawPrompt, "where" | "prompt">;

function boxPrompt(where: string, value: unknown): Located {
  if (!Array.isArray(value) || value.length !== 2) throw refuse(where, "two corner points", value);
  if (value.every((corner) => Array.isArray(corner) && corner.length === 2)) {
    throw refuse(where, `two corners of three numbers (${insteadOfPrompt("box2d")})`, value);
  }
  return { where, prompt: { kind: "box", corners: [point(`${where}[0]`, value[0]), point(`${where}[1]`, value[1])] } };
}

function clickPrompt(where: string, value: unknown): Located {
  const { at, kind = "fg" } = fields(where, value, ["at", "kind"]);
  if (kind !== "fg" && kind !== "bg") throw refuse(`${where}.kind`, '"fg" or "bg"', kind);
  return { where, prompt: { kind: "click", at: point(`${where}.at`, at), foreground: kind === "fg" } };
}

function point(where: string, value: unknown): RawPoint {
  if (Array.isArray(value) && value.length === 3 && value.every(Number.isFinite)) return value as unknown as RawPoint;
  throw refuse(where, "three numbers", value);
}

function fields(where: string, value: unknown, known: readonly string[]): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw refuse(where, "an object", value);
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown === undefined) return value as Record<string, unknown>;
  const instead = insteadOfPrompt(unknown);
  throw refuse(where, `the keys ${known.join(", ")}${instead === undefined ? "" : ` (${instead})`}`, unknown);
}

function refuse(where: string, expected: string, got: unknown): InputError {
  return new InputError(`${where}: expected ${expected}, got ${(JSON.stringify(got) ?? "nothing").slice(0, 80)}`);
}
