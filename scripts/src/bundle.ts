#!/usr/bin/env node
// Writes a program as one file with what it loads beside it, for machines without pnpm or network: `node bench.mjs`
// there needs only the npm package webgpu in a node_modules folder beside it or above.
import { cp, mkdir } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Plugin, rolldown } from "rolldown";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** Programs by the name of their file. */
const programs: Readonly<Record<string, string>> = {
  "bench.mjs": "scripts/dist/bench.js",
  "doctor.mjs": "packages/cli-doctor/bin/ensam-doctor.js",
};

/** Files that programs find relative to their package; in the bundle, relative to its folder. */
const companions = [
  "packages/ensam-core/package.json",
  "packages/ensam-core/wasm/kernels.wasm",
  "packages/ensam-core/wasm/kernels-relaxed.wasm",
  "packages/ensam-core/workers/kernel-worker.mjs",
  "scripts/bench-torch.py",
  "scripts/ensam_torch.py",
];

const { values: flags } = parseArgs({ options: { output: { type: "string", short: "o", default: "bench-bundle" } } });

for (const [file, entry] of Object.entries(programs)) await bundle(entry, join(flags.output, file));
for (const companion of companions) {
  const target = join(flags.output, withinPackage(join(repository, companion)));
  await mkdir(dirname(target), { recursive: true });
  await cp(join(repository, companion), target);
}
process.stderr.write(`${flags.output}: node bench.mjs --device webgpu, with node_modules/webgpu beside it or above\n`);

async function bundle(entry: string, file: string): Promise<void> {
  const build = await rolldown({
    input: join(repository, entry),
    platform: "node",
    external: ["webgpu"],
    // The CPU backend registers itself when it is loaded, in a file that its package.json does not list as having such
    // effects.
    treeshake: false,
    plugins: [ownPlace()],
    logLevel: "silent",
  });
  await build.write({ file, format: "esm", codeSplitting: false });
  await build.close();
}

/** Our modules go on seeing themselves where they are in their package, with the bundle's folder as the package. */
function ownPlace(): Plugin {
  return {
    name: "own-place",
    transform(code, id) {
      if (id.includes(`${sep}node_modules${sep}`) || !id.startsWith(repository)) return undefined;
      const place = JSON.stringify(withinPackage(id));
      return code.replaceAll("import.meta.url", `new URL(${place}, import.meta.url).href`);
    },
  };
}

/** packages/ensam-core/wasm/kernels.wasm -> wasm/kernels.wasm */
function withinPackage(path: string): string {
  const parts = relative(repository, path).split(sep);
  return parts.slice(parts[0] === "packages" ? 2 : 1).join("/");
}
