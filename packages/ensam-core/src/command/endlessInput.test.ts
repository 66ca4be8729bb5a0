import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { refuseEndlessInput } from "./endlessInput.ts";
import { readJsonFile } from "./jsonText.ts";
import { readRows } from "./readRows.ts";
import type { Streams } from "./streams.ts";

const folder = mkdtempSync(join(tmpdir(), "ensam-endless-"));
const pipe = join(folder, "pipe");
execFileSync("mkfifo", [pipe]);
afterAll(() => rmSync(folder, { recursive: true }));

describe("input that may never end", () => {
  it("is refused where it has a name, whoever reads it", async () => {
    const words = `${pipe}: expected a file, got a named pipe (copy it to a file first)`;
    await expect(readJsonFile(pipe)).rejects.toThrow(words);
    const streams = { cwd: folder, output: {} } as unknown as Streams;
    const rows = readRows({ streams, passFailure: async () => undefined }, [pipe], ["case"]);
    await expect(rows.next()).rejects.toThrow(words);
    await expect(readJsonFile("/dev/zero")).rejects.toThrow("/dev/zero: expected a file, got a device");
  });

  it("is read where the shell has opened it, and so are files", () => {
    writeFileSync(join(folder, "file"), "{}");
    for (const path of ["/dev/fd/0", "/dev/stdin", "/dev/null", "/proc/self/fd/0", join(folder, "file"), "none"]) {
      expect(() => refuseEndlessInput(path)).not.toThrow();
    }
  });
});
