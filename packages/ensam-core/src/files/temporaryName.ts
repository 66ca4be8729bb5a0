import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";

/** A name beside `path` for what is going to become it: hidden, this process's, used once. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`);
}
