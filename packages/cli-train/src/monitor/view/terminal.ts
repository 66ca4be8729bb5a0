import { openSync } from "node:fs";
import { ReadStream, WriteStream } from "node:tty";
import type { Streams } from "@ensam/core/command";

/** The stream as a terminal that pictures can be drawn on; undefined where only plain lines are wanted. */
export function terminalOf(stream: unknown, env: Streams["env"]): WriteStream | undefined {
  if (isSet(env.CI) || env.TERM === "dumb") return undefined;
  return stream instanceof WriteStream && stream.isTTY ? stream : undefined;
}

/** NO_COLOR as on https://no-color.org: any value but the empty one. */
export function wantsColours(env: Streams["env"]): boolean {
  return env.NO_COLOR === undefined || env.NO_COLOR === "";
}

/** Where keys are pressed: standard input, or the terminal itself when rows come through standard input. */
export function openKeyboard(input: unknown): ReadStream | undefined {
  if (input instanceof ReadStream) return input.isTTY ? input : undefined;
  try {
    return new ReadStream(openSync("/dev/tty", "r"));
  } catch {
    return undefined; // No terminal belongs to this process.
  }
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "0" && value !== "false";
}
