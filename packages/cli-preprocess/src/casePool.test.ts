import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openCasePool } from "./casePool.ts";
import type { PreprocessOptions } from "./options.ts";
import { emptyFolder, fourVoxels, writeSource } from "./testing/sources.ts";

// Threads run our sources through a loader here, as there may be no build.
const loader = new URL("../../cli-train/src/testing/registerTypeScript.mjs", import.meta.url).href;
const options = { nan: "fail", orientation: "lps", labelHeader: "use" } as PreprocessOptions;

test("threads make the very files that this thread makes; errors keep their words and exit code", async () => {
  const cwd = await emptyFolder();
  const origin = { file: "stdin", folder: cwd, line: 1 };
  const names = ["a", "b", "c", "d"];
  const rows = await Promise.all(names.map((name) => writeSource(cwd, name, fourVoxels)));
  const [here, threads] = [openCasePool(1), openCasePool(2, ["--import", loader])];
  try {
    const made = (pool: typeof here, folder: string) =>
      Promise.all(
        rows.map((row) => pool.run({ kind: "make", row: row as never, origin, folder: join(cwd, folder), options })),
      );
    const [alone, parallel] = [await made(here, "alone"), await made(threads, "parallel")];
    expect(parallel.map(({ content, notes }) => ({ content, notes }))).toEqual(
      alone.map(({ content, notes }) => ({ content, notes })),
    );
    for (const [index, { npz }] of parallel.entries())
      expect(await readFile(npz)).toEqual(await readFile(alone[index]!.npz));
    const gone = { ...rows[0]!, image: "gone.nii" } as never;
    const failed = await threads
      .run({ kind: "make", row: gone, origin, folder: join(cwd, "parallel"), options })
      .catch((error: Error & { exitCode: number }) => error);
    expect(failed).toMatchObject({ exitCode: 3, message: expect.stringContaining("gone.nii") });
    expect((await threads.run({ kind: "check", row: rows[0] as never, origin, options })).problems).toEqual([]);
  } finally {
    await threads.close();
  }
});
