import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Context } from "./context.ts";
import { UsageError } from "./errors.ts";

/** Refuses each path that is read, if it is one of the files that are going to be written. */
export type OverwriteCheck = (inputs: Iterable<string | undefined>) => void;

/**
 * Returns the check that no output of a command is also an input of it, whatever the flags: what is read is never
 * overwritten. Files are told by device and inode, so links of either kind and other spellings of a path do not matter.
 * An output that is not there yet can be nobody's input. Of a folder that is read, every file in it counts but those
 * that only we write there.
 *
 * @throws UsageError (the check) `OUTPUT: expected a file that is not read as well, got INPUT`
 */
export function overwriteCheck(outputs: Iterable<string>): OverwriteCheck {
  const written = new Map<string, string>();
  for (const path of outputs) {
    const file = fileAt(path);
    if (file !== undefined) written.set(file, path);
  }
  return (inputs) => {
    if (written.size === 0) return;
    for (const input of [...inputs].flatMap(filesOf)) {
      const file = fileAt(input);
      const output = file === undefined ? undefined : written.get(file);
      if (output !== undefined) {
        throw new UsageError(`${output}: expected an output that is not read as well, got the input ${input}`);
      }
    }
  };
}

/** The files that a command line itself names for reading: those that are not flags, and `--config`. */
export function namedInputs({ positionals, config, streams }: Context<object>): string[] {
  const files = [...positionals.filter((file) => file !== "-"), ...(config === undefined ? [] : [config])];
  return files.map((file) => resolve(streams.cwd, file));
}

/** Refuses outputs that would be one and the same file: the later would replace the earlier. */
export function refuseSameOutputs(outputs: Readonly<Record<string, string | undefined>>): void {
  const flags = new Map<string, string>();
  for (const [flag, path] of Object.entries(outputs)) {
    if (path === undefined) continue;
    const file = fileAt(path) ?? resolve(path);
    const first = flags.get(file);
    if (first !== undefined) throw new UsageError(`${flag}: expected a file of its own, got that of ${first}: ${path}`);
    flags.set(file, flag);
  }
}

/** Results that may lie beside the slices of a series. */
const ownResult = /\.(npz|nii|nii\.gz|json|ndjson)$/;

function filesOf(input: string | undefined): string[] {
  if (input === undefined) return [];
  try {
    const names = readdirSync(input);
    return names.filter((name) => !ownResult.test(name)).map((name) => join(input, name));
  } catch {
    return [input]; // A file, or nothing there.
  }
}

/** Names the file behind a path, links followed; undefined for none, and for a folder or a device. */
function fileAt(path: string): string | undefined {
  try {
    const status = statSync(path, { bigint: true, throwIfNoEntry: false });
    return status?.isFile() ? `${status.dev} ${status.ino}` : undefined;
  } catch {
    return undefined; // A path through a file, a circle of links: nothing there to lose.
  }
}
