import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/**
 * What was measured before under this key, from the user's cache, else what `measure` finds now. What cannot be kept is
 * measured again next time.
 *
 * @param key  names what was measured, the adapter and its driver
 */
export async function remembered<Value>(key: string, measure: () => Promise<Value>): Promise<Value> {
  const file = cacheFile();
  const known = read(file);
  if (known[key] === undefined) {
    known[key] = await measure();
    write(file, known);
  }
  return known[key] as Value;
}

function cacheFile(): string {
  const folder = process.env.XDG_CACHE_HOME ?? process.env.LOCALAPPDATA ?? join(homedir(), ".cache");
  return join(folder, "ensam", "webgpu-tiles.json");
}

function read(file: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function write(file: string, choices: Record<string, unknown>): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(choices, undefined, 2)}\n`);
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    return;
  }
}
