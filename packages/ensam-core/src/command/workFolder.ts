import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAbandoned, takeLock } from "./lock.ts";
import type { Streams } from "./streams.ts";

/** A place for temporary folders of one run of a command. */
export interface WorkFolder {
  /** Makes an empty folder. */
  folder(): string;
  /** Removes everything. */
  close(): void;
}

const lockName = "LOCK";

/**
 * Opens a folder below TMPDIR that names its owner, and removes those of owners that are gone: what a killed process
 * leaves is cleared away by the next.
 *
 * @param prefix  the command's name
 */
export async function openWorkFolder(prefix: string, { env }: Pick<Streams, "env">): Promise<WorkFolder> {
  const parent = env.TMPDIR ?? tmpdir();
  for (const name of readdirSync(parent)) {
    const path = join(parent, name);
    if (name.startsWith(`${prefix}-`) && isAbandoned(join(path, lockName))) remove(path);
  }
  const folder = mkdtempSync(join(parent, `${prefix}-`));
  const lock = await takeLock(join(folder, lockName), { beat: "timer" });
  let count = 0;
  return {
    folder() {
      count += 1;
      const path = join(folder, String(count));
      mkdirSync(path);
      return path;
    },
    close() {
      lock.release();
      remove(folder);
    },
  };
}

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // Of another user, or still written to by a process that the owner left.
  }
}
