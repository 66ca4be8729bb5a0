import { UsageError } from "@ensam/core/command";
import type { SegmentOptions } from "./options.ts";
import { firstObject, isLabel, looksLikeNumber, type RawPoint, type RawPrompt } from "./rawPrompts.ts";

/** The prompts of --box and --click: boxes first, then the clicks in their order. */
export function promptsOfFlags({
  box = [],
  click = [],
  mm,
}: Pick<SegmentOptions, "box" | "click" | "mm">): RawPrompt[] {
  const space = mm ? "mm" : "voxel";
  return [
    ...box.map((text) => ({ space, ...boxOf(text, mm) }) as const),
    ...click.map((text) => ({ space, ...clickOf(text, mm) }) as const),
  ];
}

function boxOf(text: string, mm: boolean): Omit<RawPrompt, "space"> {
  const where = `--box ${text}`;
  const { object, rest } = splitObject(where, text);
  const numbers = numbersOf(rest);
  if (numbers?.length !== 6) {
    const order = mm ? "x0,y0,z0,x1,y1,z1 in mm" : "z0,y0,x0,z1,y1,x1";
    throw new UsageError(`${where}: expected six numbers ${order}, got "${rest}"`);
  }
  const [a, b, c, d, e, f] = numbers as [number, number, number, number, number, number];
  return {
    where,
    object,
    prompt: {
      kind: "box",
      corners: [
        [a, b, c],
        [d, e, f],
      ],
    },
  };
}

function clickOf(text: string, mm: boolean): Omit<RawPrompt, "space"> {
  const where = `--click ${text}`;
  const { object, rest } = splitObject(where, text);
  const match = /^(.*?)(?:,(fg|bg))?$/.exec(rest.trim())!;
  const numbers = numbersOf(match[1]!);
  if (numbers?.length !== 3) {
    const order = mm ? "x,y,z in mm" : "z,y,x";
    throw new UsageError(`${where}: expected three numbers ${order} and perhaps fg or bg, got "${rest}"`);
  }
  const at = numbers as unknown as RawPoint;
  return { where, object, prompt: { kind: "click", at, foreground: match[2] !== "bg" } };
}

/** `liver:1,2,3` is the prompt 1,2,3 of the object liver. */
function splitObject(where: string, text: string): { object: string; rest: string } {
  const colon = text.lastIndexOf(":");
  if (colon < 0) return { object: firstObject, rest: text };
  const object = text.slice(0, colon).trim();
  if (object === "") throw new UsageError(`${where}: expected a label number or a name before ":", got nothing`);
  if (looksLikeNumber(object) && !isLabel(object)) {
    throw new UsageError(`${where}: expected a label number from 1 to 999999999 or a name before ":", got ${object}`);
  }
  return { object: isLabel(object) ? String(Number(object)) : object, rest: text.slice(colon + 1) };
}

function numbersOf(text: string): number[] | undefined {
  const parts = text.split(",").map((part) => part.trim());
  const numbers = parts.map(Number);
  return parts.every((part) => part !== "") && numbers.every(Number.isFinite) ? numbers : undefined;
}
