import { execFileSync } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { countAhead } from "./countAhead.ts";
import { readRows } from "./readRows.ts";
import type { Streams } from "./streams.ts";
import { caseRow } from "./testing/echoCommand.ts";
import { asLines } from "./testing/index.ts";

const rows = [caseRow("a"), { type: "failure", case: "b", stage: "x", error: "no" }, caseRow("c")];
const streamsWith = (input: Readable, cwd = "/") => ({ input, cwd, inputIsTty: false }) as unknown as Streams;

async function readAll(streams: Streams, files: string[]) {
  const passed: string[] = [];
  const reading = { streams, passFailure: async (row: { case: string }) => void passed.push(row.case) };
  const names: string[] = [];
  for await (const { row } of readRows(reading, files, ["case"])) names.push(row.case);
  return { names, passed };
}

test("a pipe is counted to its end, and every row is still read, in order", async () => {
  const bytes = Buffer.from(asLines(rows));
  // In pieces that cut a row in two.
  const { streams, total } = countAhead(
    streamsWith(Readable.from([bytes.subarray(0, 40), bytes.subarray(40)])),
    [],
    "case",
  );
  expect(await total).toBe(2); // Before the first row is read.
  expect(await readAll(streams, [])).toEqual({ names: ["a", "c"], passed: ["b"] });
});

test("files and a pipe count together; what cannot be read gives no total", async () => {
  const cwd = await mkdtemp(join(tmpdir(), "ensam-"));
  await writeFile(join(cwd, "rows.ndjson"), asLines(rows));
  const counted = countAhead(
    streamsWith(Readable.from([Buffer.from(asLines(rows))]), cwd),
    ["rows.ndjson", "-"],
    "case",
  );
  expect(await counted.total).toBe(4);
  expect(await countAhead(streamsWith(Readable.from([]), cwd), ["none.ndjson"], "case").total).toBeUndefined();
});

test("what the shell has opened (`<(...)`) is left to the one who reads it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ensam-"));
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  const counted = countAhead(streamsWith(Readable.from([])), [pipe], "case");
  expect(await counted.total).toBe(undefined); // Opening it would wait for ever.
});
