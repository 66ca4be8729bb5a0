import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { refuseEndlessInput } from "./endlessInput.ts";
import { describeError } from "./errorReport.ts";
import { type CommandError, InputError } from "./errors.ts";

/** Deepest nesting of lists and objects; rows and files of ours have about five, and what recurses ends before thousands. */
const deepest = 200;

type ErrorClass = new (message: string, options?: ErrorOptions) => CommandError;

/** The content of a JSON file of the user's; `Refusal` says that it cannot be read, or is no JSON, with the file's name. */
export async function readJsonFile(path: string, Refusal: ErrorClass = InputError): Promise<unknown> {
  refuseEndlessInput(path, Refusal);
  let bytes: Buffer;
  try {
    bytes = await readFile(resolve(path));
  } catch (error) {
    throw new Refusal(`${path}: ${describeError(error).replace(/^.*?: /, "")}`, { cause: error });
  }
  const otherEncoding = encodingBeside(bytes);
  if (otherEncoding !== undefined) throw new Refusal(`${path}: expected UTF-8 text, got ${otherEncoding}`);
  const text = bytes.toString("utf8").replace(/^\uFEFF/, "");
  if (isTooDeep(text)) throw new Refusal(`${path}: expected JSON nested at most ${deepest} deep, got deeper`);
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = (error as Error).message.replaceAll(/\s+/g, " ").slice(0, 120);
    throw new Refusal(`${path}: expected JSON, got text that is not JSON (${reason})`, { cause: error });
  }
}

/** What a text is encoded in if not UTF-8, told by its first bytes: UTF-16, as some editors and shells of Windows write it. */
export function encodingBeside(start: Uint8Array): string | undefined {
  const [a, b] = start;
  if (a === 0xff && b === 0xfe) return "UTF-16 (little-endian)";
  if (a === 0xfe && b === 0xff) return "UTF-16 (big-endian)";
  if (a !== 0 && b === 0) return "UTF-16 (little-endian, without a byte order mark) or a binary file";
  return a === 0 ? "UTF-16 (big-endian, without a byte order mark) or a binary file" : undefined;
}

/** Whether JSON is nested deeper than anything sensible; short texts cannot hurt and are not looked at. */
export function isTooDeep(text: string, limit = deepest): boolean {
  if (text.length < 2 * 1024) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) i = endOfString(text, i);
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > limit) return true;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return false;
}

/** Where the string that starts at a quote ends; the end of the text if it never does. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x5c) i++;
    else if (code === 0x22) return i;
  }
  return text.length;
}
