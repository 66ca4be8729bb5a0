import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Names that `temporaryName` gives. */
const pattern = /\.(\d+)\.[0-9a-f]{8}\.tmp$/;
/** No file takes longer to write, on whatever machine. */
const hour = 3_600_000;

/**
 * Removes what writers that were killed have left in a folder: their temporary files. Without `all`, only those of
 * processes that do not run here and older than an hour, because other machines may write into the folder, too.
 *
 * @param all  for a folder that nobody else writes into
 */
export async function removeTemporaryFiles(folder: string, { all = false } = {}): Promise<void> {
  for (const name of await readdir(folder).catch(() => [] as string[])) {
    const pid = pattern.exec(name)?.[1];
    if (pid === undefined) continue;
    const path = join(folder, name);
    if (all || (!isRunning(Number(pid)) && (await ageOf(path)) > hour)) await rm(path, { force: true }).catch(() => {});
  }
}

async function ageOf(path: string): Promise<number> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch {
    return 0;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
