import { UsageError } from "@ensam/core/command";
import { firstObject, isLabel, looksLikeNumber } from "./rawPrompts.ts";

/** `liver:1,2,3` is the prompt 1,2,3 of the object liver; without a prefix the object is 1. */
export function splitObject(where: string, text: string): { object: string; rest: string } {
  const colon = text.lastIndexOf(":");
  return colon < 0
    ? { object: firstObject, rest: text }
    : { object: objectName(where, text.slice(0, colon)), rest: text.slice(colon + 1) };
}

/** Returns an object as prompts name it: a label number or a name. */
export function objectName(where: string, text: string): string {
  const object = text.trim();
  if (object === "") throw new UsageError(`${where}: expected a label number or a name before ":", got nothing`);
  if (looksLikeNumber(object) && !isLabel(object)) {
    throw new UsageError(`${where}: expected a label number from 1 to 999999999 or a name before ":", got ${object}`);
  }
  return object;
}
