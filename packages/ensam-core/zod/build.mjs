// Builds stock.js: the part of zod that the row schemas use, in one file. The package is 95 files, most of them messages in other
// languages, and every command that reads rows would load them all: 0.15 s of processor time at each start.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const bundle = await rolldown({ input: here("used.mjs"), platform: "node" });
const licence = readFileSync(
  createRequire(import.meta.url)
    .resolve("zod/package.json")
    .replace("package.json", "LICENSE"),
  "utf8",
);
await bundle.write({ file: here("stock.js"), format: "esm", banner: `/*! zod\n${licence}*/` });
await bundle.close();
