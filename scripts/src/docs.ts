/**
 * Writes what is made from the commands' option tables and stands in the repository: docs/commands/, a page for each
 * command and their index, and the READMEs of the commands' packages.
 *
 *   node scripts/dist/docs.js
 */
import { mkdir, writeFile } from "node:fs/promises";
import { commandPages, packageReadmes, packagesFolder, pagesFolder } from "./commandPages.ts";

await mkdir(pagesFolder, { recursive: true });
for (const [name, text] of await commandPages()) await writeFile(new URL(name, pagesFolder), text);
for (const [path, text] of await packageReadmes()) await writeFile(new URL(path, packagesFolder), text);
