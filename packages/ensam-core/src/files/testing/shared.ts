import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Optional test data: beside the checkout, or where ENSAM_SHARED says. */
const shared = process.env.ENSAM_SHARED ?? fileURLToPath(new URL("../../../../../../shared/", import.meta.url));

/** The path of a file or folder of shared test data that is not part of the repository. */
export function sharedPath(...parts: string[]): string {
  return join(shared, ...parts);
}

/** Why a test of that data cannot run here, for vitest's `skip`; printed too where it cannot. */
export function missing(...parts: string[]): { readonly isMissing: boolean; readonly reason: string } {
  const path = sharedPath(...parts);
  const [isMissing, reason] = [
    !existsSync(path),
    `needs ${path}, which is not here (ENSAM_SHARED may name its folder)`,
  ];
  if (isMissing) console.log(`skipped: ${reason}`);
  return { isMissing, reason };
}
