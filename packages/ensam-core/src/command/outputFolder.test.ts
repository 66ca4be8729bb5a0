import { mkdtemp, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { InputError } from "./errors.ts";
import { ensureFolder } from "./outputFolder.ts";

test("folders are made with those above them, and an existing one is fine", async () => {
  const base = await mkdtemp(join(tmpdir(), "ensam-"));
  await ensureFolder(join(base, "a", "b"));
  await ensureFolder(join(base, "a", "b"));
  expect((await stat(join(base, "a", "b"))).isDirectory()).toBe(true);
});

test("a file in the way is an input error, and so is a place where nothing can be made", async () => {
  const base = await mkdtemp(join(tmpdir(), "ensam-"));
  await writeFile(join(base, "file"), "");
  await expect(ensureFolder(join(base, "file", "below"))).rejects.toThrow(InputError);
  // Node's recursive mkdir never returned here.
  await expect(ensureFolder("/proc/ensam/below")).rejects.toThrow(InputError);
});
