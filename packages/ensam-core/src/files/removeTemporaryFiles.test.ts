import { readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { removeTemporaryFiles, temporaryName } from "./index.ts";
import { temporaryFolder } from "./testing/temporaryFolder.ts";

const nobody = 2 ** 22 + 1; // More than Linux gives.

test("what killed writers left is removed, but not what another may be writing, and nothing else", async () => {
  const folder = temporaryFolder();
  const own = temporaryName(join(folder, "a.npz"));
  const old = own.replace(`.${process.pid}.`, `.${nobody}.`);
  const fresh = old.replace("a.npz", "b.npz");
  for (const path of [own, old, fresh, join(folder, "mine.1.tmp"), join(folder, "a.npz")]) writeFileSync(path, "");
  const yesterday = new Date(Date.now() - 86_400_000);
  for (const path of [own, old]) utimesSync(path, yesterday, yesterday);

  const names = () => readdirSync(folder).sort();
  await removeTemporaryFiles(folder);
  expect(names()).toEqual([own, fresh, "a.npz", "mine.1.tmp"].map((path) => path.replace(`${folder}/`, "")).sort());
  await removeTemporaryFiles(folder, { all: true });
  expect(names()).toEqual(["a.npz", "mine.1.tmp"]);
  await removeTemporaryFiles(join(folder, "nowhere"));
});
