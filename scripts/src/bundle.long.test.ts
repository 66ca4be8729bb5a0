import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const bundle = fileURLToPath(new URL("../dist/bundle.js", import.meta.url));

test.skipIf(process.env.TEST_LONG === undefined)(
  "the doctor of the bundle finds the wasm device right, without a node_modules folder",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "ensam-bundle-"));
    try {
      await run(process.execPath, [bundle, "-o", folder]);
      const { stdout } = await run(process.execPath, [join(folder, "doctor.mjs"), "--device", "wasm"], { cwd: folder });
      expect(stdout).toMatch(/wasm +passed/);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
  120_000,
);
