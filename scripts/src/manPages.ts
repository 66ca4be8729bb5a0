/**
 * Writes the manual pages into packages/NAME/man/, which package.json's `man` names; a part of the build.
 *
 *   node scripts/dist/manPages.js
 */
import { mkdir, writeFile } from "node:fs/promises";
import { manPages, packagesFolder } from "./commandPages.ts";

for (const [path, text] of await manPages()) {
  const file = new URL(path, packagesFolder);
  await mkdir(new URL(".", file), { recursive: true });
  await writeFile(file, text);
}
