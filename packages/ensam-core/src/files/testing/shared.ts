import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const shared = process.env.ENSAM_SHARED ?? fileURLToPath(new URL("../../../../../../shared/", import.meta.url));

/** The path of a folder of shared test data that is not part of the repository. */
export function sharedPath(...parts: string[]): string {
  return join(shared, ...parts);
}

/** Why a test of that data cannot run here; false if it can. To be given to vitest's `skip`. */
export function missing(...parts: string[]): { readonly isMissing: boolean; readonly reason: string } {
  const path = sharedPath(...parts);
  return { isMissing: !existsSync(path), reason: `needs ${path}, which is not here` };
}
