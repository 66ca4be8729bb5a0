import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** A packed package: its tarball (not written in a dry run) and the paths in it. */
export interface Packed {
  readonly name: string;
  readonly version: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Packs every package of packages/ into `folder` as `make pack` does; without one, only says what would be packed. */
export async function packAll(folder?: string): Promise<Packed[]> {
  const { packageManager } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as { packageManager: string };
  const where = folder === undefined ? ["--dry-run"] : ["--pack-destination", folder];
  const words = ["--yes", packageManager, "--recursive", "--filter", "./packages/*", "pack", "--json", ...where];
  const { stdout } = await promisify(execFile)("npx", words, { cwd: root, maxBuffer: 2 ** 26 });
  return JSON.parse(stdout.slice(stdout.indexOf("["))) as Packed[];
}
