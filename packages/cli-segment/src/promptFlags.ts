import { UsageError } from "@ensam/core/command";
import { splitObject } from "./objectName.ts";
import type { SegmentOptions } from "./options.ts";
import type { RawPoint, RawPrompt, Space } from "./rawPrompts.ts";
import { insteadOfPrompt } from "./refusedPrompts.ts";

/** What --coords and --mm say; --mm is --coords ras. */
export function spaceOfFlags({ coords, mm }: Pick<SegmentOptions, "coords" | "mm">): Space {
  if (mm && coords !== undefined && coords !== "ras") {
    throw new UsageError(`--mm: expected no other --coords beside it (--mm is --coords ras), got --coords ${coords}`);
  }
  return coords ?? (mm ? "ras" : "voxel");
}

/** The prompts of --box and --click: boxes first, then the clicks in their order. */
export function promptsOfFlags(options: Pick<SegmentOptions, "box" | "click" | "coords" | "mm">): RawPrompt[] {
  const { box = [], click = [] } = options;
  const space = spaceOfFlags(options);
  return [
    ...box.map((text) => ({ space, ...boxOf(text, space) }) as const),
    ...click.map((text) => ({ space, ...clickOf(text, space) }) as const),
  ];
}

function boxOf(text: string, space: Space): Omit<RawPrompt, "space"> {
  const where = `--box ${text}`;
  const { object, rest } = splitObject(where, text);
  const numbers = numbersOf(rest);
  if (numbers?.length !== 6) {
    const order = space === "voxel" ? "z0,y0,x0,z1,y1,x1" : "x0,y0,z0,x1,y1,z1 in mm";
    const flat = numbers?.length === 4 ? `; ${insteadOfPrompt("box2d")}` : "";
    throw new UsageError(`${where}: expected six numbers ${order}, got "${rest}"${flat}`);
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

function clickOf(text: string, space: Space): Omit<RawPrompt, "space"> {
  const where = `--click ${text}`;
  const { object, rest } = splitObject(where, text);
  const match = /^(.*?)(?:,(fg|bg))?$/.exec(rest.trim())!;
  const numbers = numbersOf(match[1]!);
  if (numbers?.length !== 3) {
    const order = space === "voxel" ? "z,y,x" : "x,y,z in mm";
    throw new UsageError(`${where}: expected three numbers ${order} and perhaps fg or bg, got "${rest}"`);
  }
  const at = numbers as unknown as RawPoint;
  return { where, object, prompt: { kind: "click", at, foreground: match[2] !== "bg" } };
}

function numbersOf(text: string): number[] | undefined {
  const parts = text.split(",").map((part) => part.trim());
  const numbers = parts.map(Number);
  return parts.every((part) => part !== "") && numbers.every(Number.isFinite) ? numbers : undefined;
}
