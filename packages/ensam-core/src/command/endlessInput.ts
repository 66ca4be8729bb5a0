import { statSync } from "node:fs";
import { resolve } from "node:path";
import { type CommandError, InputError } from "./errors.ts";

type ErrorClass = new (message: string) => CommandError;

/** Descriptors that the shell has opened, as for `<(...)`, and what ends at once. */
const opened = /^\/(dev\/(fd\/\d+|stdin|null)|proc\/(self|\d+)\/fd\/\d+)$/;

/**
 * Refuses to read what may never end: opening a named pipe waits for a writer and cannot be interrupted, not by Ctrl-C
 * either, and a device has no end. What the shell has opened is read.
 */
export function refuseEndlessInput(path: string, Refusal: ErrorClass = InputError): void {
  const whole = resolve(path);
  const status = opened.test(whole) ? undefined : statSync(whole, { throwIfNoEntry: false });
  if (status?.isFIFO()) throw new Refusal(`${path}: expected a file, got a named pipe (copy it to a file first)`);
  if (status?.isCharacterDevice()) throw new Refusal(`${path}: expected a file, got a device`);
}
