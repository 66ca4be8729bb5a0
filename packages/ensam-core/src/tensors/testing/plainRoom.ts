import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const home = fileURLToPath(new URL("../../..", import.meta.url));

/**
 * Writes the room as plain JavaScript into a new folder, under src/tensors, because Node 20 does not run TypeScript,
 * and links there what it loads.
 *
 * @param packages  what the folder has of the package's own: all dependencies unless some are named
 * @returns the folder; removing it is the caller's
 */
export function layPlainRoom(packages = ["node_modules"]): string {
  const folder = mkdtempSync(join(tmpdir(), "ensam-room-"));
  const source = join(home, "src/tensors");
  const files = readdirSync(source, { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => /(?<!\.test|\.d)\.ts$/.test(name) && !/(^|\/)testing\//.test(name))) {
    const { outputText } = ts.transpileModule(readFileSync(join(source, file), "utf8"), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2022,
        rewriteRelativeImportExtensions: true,
      },
    });
    const target = join(folder, "src/tensors", file.replace(/\.ts$/, ".js"));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, outputText);
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const name of ["gradients", "wasm", "workers", ...packages]) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    symlinkSync(join(home, name), join(folder, name));
  }
  return folder;
}
