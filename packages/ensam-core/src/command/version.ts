import { createRequire } from "node:module";

/** Returns the version of the installed package. */
export function packageVersion(): string {
  const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };
  return version;
}
