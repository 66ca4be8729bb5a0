/**
 * Packs all packages and has publint look at each tarball; any message of it fails.
 *
 *   node scripts/dist/checkPackages.js
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { packAll } from "./packAll.ts";

const folder = await mkdtemp(join(tmpdir(), "ensam-packages-"));
let found = 0;
try {
  for (const { name, filename } of await packAll(folder)) {
    const { buffer, byteOffset, byteLength } = await readFile(filename);
    const tarball = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
    const { messages, pkg } = await publint({ pack: { tarball }, level: "suggestion", strict: true });
    for (const message of messages) {
      console.error(`${name}: ${message.type}: ${formatMessage(message, pkg!, { color: false }) ?? message.code}`);
    }
    found += messages.length;
  }
} finally {
  await rm(folder, { recursive: true });
}
console.log(found === 0 ? "publint has nothing to say on any package" : `publint: ${found} messages`);
process.exitCode = found === 0 ? 0 : 1;
