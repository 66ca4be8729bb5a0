import { readFile } from "node:fs/promises";
import { describeError, InputError } from "@ensam/core/command";
import { firstObject, type RawPoint, type RawPrompt } from "./rawPrompts.ts";

/** Prompts of a file, and the names it gives to label numbers. */
export interface PromptFile {
  readonly prompts: readonly RawPrompt[];
  readonly names: ReadonlyMap<number, string>;
}

/** Reads a prompt file; an InputError names the key that is wrong. */
export async function readPromptFile(path: string): Promise<PromptFile> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw new InputError(`${path}: expected JSON, got: ${error.message}`);
    throw new InputError(describeError(error), { cause: error });
  }
  return promptsIn(path, content);
}

/** The prompts in the content of a prompt file. */
export function promptsIn(path: string, content: unknown): PromptFile {
  const { space = "voxel", objects } = fields(path, content, ["space", "objects"]);
  if (space !== "voxel" && space !== "mm") throw refuse(`${path}: space`, '"voxel" or "mm"', space);
  if (!Array.isArray(objects) || objects.length === 0) throw refuse(`${path}: objects`, "a list of objects", objects);
  const names = new Map<number, string>();
  const prompts = objects.flatMap((value: unknown, index) => {
    const where = `${path}: objects[${index}]`;
    const { label, name, box, clicks = [] } = fields(where, value, ["label", "name", "box", "clicks"]);
    if (label !== undefined && !(Number.isInteger(label) && (label as number) > 0)) {
      throw refuse(`${where}.label`, "a whole number from 1", label);
    }
    if (name !== undefined && (typeof name !== "string" || name === "")) throw refuse(`${where}.name`, "text", name);
    if (label !== undefined && name !== undefined) names.set(label as number, name as string);
    if (!Array.isArray(clicks)) throw refuse(`${where}.clicks`, "a list of clicks", clicks);
    const object = String(label ?? name ?? firstObject);
    const boxes = box === undefined ? [] : [boxPrompt(`${where}.box`, box)];
    const clicked = clicks.map((click: unknown, i) => clickPrompt(`${where}.clicks[${i}]`, click));
    return [...boxes, ...clicked].map((prompt) => ({ ...prompt, object, space }) as const);
  });
  return { prompts, names };
}

type Located = Pick<RawPrompt, "where" | "prompt">;

function boxPrompt(where: string, value: unknown): Located {
  if (!Array.isArray(value) || value.length !== 2) throw refuse(where, "two corner points", value);
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
  if (unknown !== undefined) throw refuse(where, `the keys ${known.join(", ")}`, unknown);
  return value as Record<string, unknown>;
}

function refuse(where: string, expected: string, got: unknown): InputError {
  return new InputError(`${where}: expected ${expected}, got ${(JSON.stringify(got) ?? "nothing").slice(0, 80)}`);
}
