/**
 * Writes docs/commands/: a page for each command from its option table, and their index.
 *
 *   node scripts/dist/docs.js
 */
import { mkdir, writeFile } from "node:fs/promises";
import { commandPages, pagesFolder } from "./commandPages.ts";

await mkdir(pagesFolder, { recursive: true });
for (const [name, text] of await commandPages()) await writeFile(new URL(name, pagesFolder), text);
