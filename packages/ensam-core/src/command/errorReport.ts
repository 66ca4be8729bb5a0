import { exitCodes } from "./errors.ts";
import { plainText } from "./plainText.ts";

/** Errors of other rooms, which know nothing of exit codes, by class name. */
const codeByName: Readonly<Record<string, number>> = {
  FileError: exitCodes.input,
  CheckpointError: exitCodes.input,
  DeviceUnavailable: exitCodes.device,
  DecoderMissing: exitCodes.device,
};

const wordsByErrno: Readonly<Record<string, string>> = {
  ENOENT: "expected an existing file or folder, found none",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "cannot write, the file system is read-only",
  ENOSPC: "cannot write, no space left on the device",
  EDQUOT: "cannot write, the disk quota is used up",
  EISDIR: "expected a file, got a folder",
  ENOTDIR: "expected a folder, got a file in its place",
  EEXIST: "expected a folder, got a file in its place",
  EMFILE: "too many open files",
};

/**
 * Returns the exit code an error stands for: its own numeric `exitCode`; else by class name (FileError and
 * CheckpointError 3, DeviceUnavailable and DecoderMissing 4); else by system error code (files and disks 3, a missing
 * package 4); a failed allocation is 5; anything else is 70. Code 1 is never an error's: it says that some cases failed
 * and all rows are there.
 */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof Error)) return exitCodes.unexpected;
  const { exitCode } = error as { exitCode?: unknown };
  if (typeof exitCode === "number") return exitCode;
  const byName = codeByName[error.name] ?? codeByName[error.constructor.name];
  if (byName !== undefined) return byName;
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined && code in wordsByErrno) return exitCodes.input;
  if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") return exitCodes.device;
  return isFailedAllocation(error) ? exitCodes.memory : exitCodes.unexpected;
}

/** Returns one line that tells a user what went wrong; never a stack trace. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, path } = error as NodeJS.ErrnoException;
  const words = code === undefined ? undefined : wordsByErrno[code];
  const line = words === undefined || "exitCode" in error ? error.message : `${path ?? "output"}: ${words} (${code})`;
  return line.replaceAll(/\s*\n\s*/g, " ").trim() || error.name;
}

/** Whether an error is one of ours or the system's, rather than a mistake in the program. */
export function isExpected(error: unknown): boolean {
  return exitCodeOf(error) !== exitCodes.unexpected || (error instanceof Error && "exitCode" in error);
}

/** What a command called `name` says of an error: one line, and a stack trace only for --debug. */
export function errorText(name: string, error: unknown, debug: boolean): string {
  const unexpected = isExpected(error) ? "" : "unexpected error: ";
  const hint = isExpected(error) || debug ? "" : " (--debug shows where)";
  const trace = debug && error instanceof Error ? `${plainText(error.stack ?? "")}\n` : "";
  return `${name}: ${unexpected}${plainText(describeError(error))}${hint}\n${trace}`;
}

const fullOrReadOnly = new Set(["ENOSPC", "EDQUOT", "EROFS"]);

/** Whether an error says, itself or by its cause, that nothing more can be written there: a full or read-only disk. */
export function isFullOrReadOnly(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return fullOrReadOnly.has((error as NodeJS.ErrnoException).code ?? "") || isFullOrReadOnly(error.cause);
}

function isFailedAllocation(error: Error): boolean {
  return (
    error instanceof RangeError && /allocation failed|invalid (typed )?array (buffer )?length/i.test(error.message)
  );
}
