import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { asLines } from "@ensam/core/command/testing";
import { expect, test } from "vitest";
import { writePhantom } from "./testing/phantom.ts";

/** The built command: worker threads load built files. */
const command = fileURLToPath(new URL("../bin/ensam-train.js", import.meta.url));
const isBuilt = existsSync(new URL("../dist/main.js", import.meta.url));
if (!isBuilt) console.log("reproducible.test: no build of cli-train: nothing is run (make setup builds it)");

test.runIf(isBuilt)(
  "the same seed gives the same checkpoint bytes, with 0 and with 4 workers, on 1 and on 2 threads",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "ensam-same-"));
    const rows = [await writePhantom(folder, "CT_ball_1"), await writePhantom(folder, "CT_ball_2")];
    writeFileSync(join(folder, "cases.ndjson"), asLines(rows));
    const flags = "--preset tiny --device wasm --clicks 2 --no-box 0.5 --epochs 3 --accumulate 2 --ema 0.9 --quiet";
    const bytes = async (run: string, more: string) => {
      const argv = [command, "cases.ndjson", "-o", run, ...flags.split(" "), ...more.split(" ")];
      await promisify(execFile)(process.execPath, argv, { cwd: folder });
      return readFileSync(join(folder, run, "checkpoints/last.safetensors"));
    };
    const alone = await bytes("alone", "--workers 0 --threads 1");
    expect((await bytes("again", "--workers 0 --threads 1")).equals(alone)).toBe(true);
    expect((await bytes("workers", "--workers 4 --threads 2")).equals(alone)).toBe(true);
    expect((await bytes("other", "--workers 0 --threads 1 --seed 2")).equals(alone)).toBe(false);
    rmSync(folder, { recursive: true });
  },
);
