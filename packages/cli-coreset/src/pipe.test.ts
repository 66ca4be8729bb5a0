import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { asLines } from "@ensam/core/command/testing";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("../bin/ensam-coreset.js", import.meta.url));
const built = ["../dist/main.js", "../node_modules/@ensam/core/dist/command/index.js"];
const missing = built.find((file) => !existsSync(new URL(file, import.meta.url)));

const rows = Array.from({ length: 20_000 }, (_, i) => ({
  type: "case",
  case: `CT_A_${i}`,
  modality: "CT",
  dataset: "CT_A",
  npz: `CT_A_${i}.npz`,
  shape: [100, 512, 512],
  spacing: [5, 0.8, 0.8],
  labels: { "1": { voxels: 1000, name: "liver" } },
}));

/** Runs a line of bash in a folder with `rows.ndjson`; `ensam-coreset` is the built program. */
async function bash(line: string): Promise<{ output: string; error: string } | undefined> {
  if (missing !== undefined) {
    console.log(`${missing} is not built: the program is not run in a pipe`);
    return undefined;
  }
  const cwd = await mkdtemp(join(tmpdir(), "ensam-coreset-"));
  await writeFile(join(cwd, "rows.ndjson"), asLines(rows));
  const script = `ensam-coreset() { "${process.execPath}" "${program}" "$@"; }\n${line}`;
  return new Promise((resolve) => {
    execFile("bash", ["-c", script], { cwd }, (_, output, error) => resolve({ output, error }));
  });
}

test("a reader that leaves early ends the program quietly with 0", async () => {
  const result = await bash("ensam-coreset --quiet -b 100% rows.ndjson | head -1 | wc -l; echo $PIPESTATUS");
  if (result !== undefined) expect(result).toEqual({ output: "1\n0\n", error: "" });
});

test("a long pipe is never cut short", async () => {
  const result = await bash("ensam-coreset --quiet -b 100% < rows.ndjson | (sleep 0.3; cat) | wc -l");
  if (result !== undefined) expect(result).toEqual({ output: "20000\n", error: "" });
});

test("the input is not written to by the shell's >>", async () => {
  const result = await bash("ensam-coreset -b 100% rows.ndjson >> rows.ndjson; echo $?; wc -l < rows.ndjson");
  if (result === undefined) return;
  expect(result.output).toBe("2\n20000\n");
  expect(result.error).toContain("standard output: expected a file that is not read as well");
});

test("a full disk is one line and exit code 3", async () => {
  if (!existsSync("/dev/full")) return console.log("/dev/full is not there: a full disk is not tried");
  const result = await bash("ensam-coreset -b 100% rows.ndjson > /dev/full; echo $?");
  if (result === undefined) return;
  expect(result.output).toBe("3\n");
  expect(result.error).toBe("ensam-coreset: standard output: cannot write, no space left on the device (ENOSPC)\n");
});

test("a writer that stays does not keep a program that has failed", async () => {
  // The writer holds the pipe open until it sees the program's exit code, or gives up after ten seconds.
  const result = await bash(`mkfifo pipe
    (echo oops; for i in $(seq 100); do [ -e code ] && exit; sleep 0.1; done; touch gave-up) > pipe &
    ensam-coreset -b 1 < pipe; echo $? > code; cat code; ls gave-up 2> /dev/null`);
  if (result === undefined) return;
  expect(result.output).toBe("3\n");
  expect(result.error).toContain("stdin:1: expected one JSON object per line, got oops");
});

test("a program without anything to save stops at the first signal, with 130", async () => {
  const result = await bash(`mkfifo pipe; sleep 10 > pipe & writer=$!
    "${process.execPath}" "${program}" -b 1 < pipe & sleep 1; kill -TERM $!; wait $!; echo $?; kill $writer`);
  if (result !== undefined) expect(result.output).toBe("130\n");
});

test("a file of rows that is not there is one plain line of the command, also in a fresh process", async () => {
  const result = await bash("ensam-coreset -b 1 nosuch.ndjson; echo $?");
  if (result === undefined) return;
  expect(result.output).toBe("3\n");
  expect(result.error).toBe("ensam-coreset: nosuch.ndjson: expected an existing file or folder, found none (ENOENT)\n");
});
