import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable, Writable } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { rebaseRow, resolvePath, writtenPath } from "../rows/index.ts";
import { readLines } from "./lines.ts";
import { createRowWriter } from "./rowWriter.ts";
import { caseRow, echo } from "./testing/echoCommand.ts";
import { asLines, callCommand } from "./testing/index.ts";

const rows = [caseRow("a"), caseRow("b"), caseRow("c")];

test("rows come out as they went in, with fields nobody asked for", async () => {
  const given = [caseRow("a", { licence: "CC0", more: { deep: [1, null] } })];
  const { code, rows: got } = await callCommand(echo, ["--quiet"], { input: asLines(given) });
  expect(code).toBe(0);
  expect(got).toEqual(given);
});

test("byte order mark, carriage returns, empty lines and a last line without end are read", async () => {
  const text = `\uFEFF${JSON.stringify(rows[0])}\r\n\r\n\n  ${JSON.stringify(rows[1])}\r\n${JSON.stringify(rows[2])}`;
  const { rows: got } = await callCommand(echo, ["-"], { input: text });
  expect(got).toEqual(rows);
});

test("a malformed row is named with file and line, and the rows before it are written", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ensam-"));
  await writeFile(join(folder, "cases.ndjson"), `${asLines(rows.slice(0, 2))}\n{"type": "case", oops}\n`);
  const { code, error, rows: got } = await callCommand(echo, ["--quiet", "cases.ndjson"], { cwd: folder });
  expect(code).toBe(3);
  expect(error).toContain('cases.ndjson:4: expected one JSON object per line, got {"type": "case", oops}');
  expect(error.trim().split("\n")).toHaveLength(1);
  expect(got).toEqual(rows.slice(0, 2));
});

test.each([
  ["null", "stdin:1: expected one JSON object per line, got null"],
  ["[1]", "stdin:1: expected one JSON object per line, got [1]"],
  ['{"a": 1} {"b": 2}', "stdin:1: expected one JSON object per line"],
  ['{"type": "score"}', 'stdin:1: type: expected case, got "score"'],
  ['{"case": "a"}', "stdin:1: type: expected case, got nothing"],
  [JSON.stringify(caseRow("a/b")), 'stdin:1: case: expected a file name without slashes, got "a/b"'],
  [JSON.stringify(caseRow("..")), 'stdin:1: case: expected a file name without slashes, got ".."'],
  [JSON.stringify(caseRow("a", { shape: [1, 2] })), "stdin:1: shape"],
  [JSON.stringify(caseRow("a", { spacing: [1, 0, 1] })), "stdin:1: spacing.1: expected more than 0, got 0"],
  [JSON.stringify(caseRow("a")).replace("0.8", "1e999"), "stdin:1: spacing.1: expected"],
  [JSON.stringify(caseRow("a", { modality: "XR" })), 'stdin:1: modality: expected one of "CT", "MR"'],
  [JSON.stringify(caseRow("a", { labels: { x: { voxels: 1 } } })), "stdin:1: labels.x: expected label numbers, from 1"],
  [JSON.stringify(caseRow("a", { npz: undefined })), "stdin:1: npz: expected string, got nothing"],
])("the line %s is refused", async (line, message) => {
  const { code, error } = await callCommand(echo, ["--quiet"], { input: `${line}\n` });
  expect(error).toContain(message);
  expect(code).toBe(3);
});

test("a missing file of rows is one clear line", async () => {
  const { code, error } = await callCommand(echo, ["--quiet", "no.ndjson"]);
  expect(code).toBe(3);
  expect(error).toBe("ensam-echo: no.ndjson: expected an existing file or folder, found none (ENOENT)\n");
});

test("standard input that is a terminal is a hint, not a wait", async () => {
  const { code, error } = await callCommand(echo, [], { streams: { inputIsTty: true } });
  expect(code).toBe(2);
  expect(error).toContain("standard input: expected case rows from a file or a pipe, got a terminal");
});

test("failure rows go through in their place, whatever the number of jobs", async () => {
  const failure = { type: "failure", case: "x", stage: "preprocess", error: "broken" };
  const given = [rows[0], failure, rows[1], { ...failure, case: "y" }, rows[2]];
  for (const jobs of ["1", "4"]) {
    const { code, rows: got } = await callCommand(echo, ["--quiet", "-j", jobs], { input: asLines(given) });
    expect(got).toEqual(given);
    expect(code).toBe(0);
  }
});

test("only the first shard hands on the failures of the input", async () => {
  const failure = { type: "failure", case: "x", stage: "preprocess", error: "broken" };
  const input = asLines([failure, ...rows]);
  const first = await callCommand(echo, ["--quiet", "--shard", "1/2"], { input });
  const second = await callCommand(echo, ["--quiet", "--shard", "2/2"], { input });
  expect(first.rows.map((row) => row.case)).toEqual(["x", "a", "c"]);
  expect(second.rows.map((row) => row.case)).toEqual(["b"]);
});

test("lines are found wherever the stream was cut", async () => {
  const lines = fc.array(fc.string({ unit: "binary" }).filter((text) => !/[\r\n]/.test(text)));
  await fc.assert(
    fc.asyncProperty(lines, fc.integer({ min: 1, max: 7 }), async (texts, size) => {
      const bytes = Buffer.from(texts.join("\n"));
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      const got: { number: number; text: string }[] = [];
      for await (const line of readLines(Readable.from(chunks), 1e6, () => new Error("too long"))) got.push(line);
      const expected = Buffer.from(texts.join("\n")).toString().split("\n");
      const kept = expected.map((text, i) => ({ number: i + 1, text: text.trim() }));
      expect(got).toEqual(kept.filter(({ text }) => text !== ""));
    }),
  );
});

test("a line over the bound is an error, though its end never comes", async () => {
  const endless = Readable.from(Array.from({ length: 100 }, () => "x".repeat(100)));
  const read = async () => {
    for await (const _ of readLines(endless, 1000, (number) => new Error(`line ${number} is too long`)));
  };
  await expect(read()).rejects.toThrow("line 1 is too long");
});

test("a row is written when the output has taken it", async () => {
  const slow = new PassThrough({ highWaterMark: 1 });
  const writer = createRowWriter(slow);
  const order: string[] = [];
  const writes = (async () => {
    for (const name of ["a", "b", "c"]) {
      await writer.write(caseRow(name) as never);
      order.push(`written ${name}`);
    }
  })();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(order.length).toBeLessThan(3);
  slow.resume();
  await writes;
  expect(order).toEqual(["written a", "written b", "written c"]);
});

test("a reader that leaves ends the command quietly with 0", async () => {
  const broken = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    },
  });
  for (const jobs of ["1", "3"]) {
    const call = { input: asLines(rows), streams: { output: broken } };
    const { code, error } = await callCommand(echo, ["--quiet", "-j", jobs], call);
    expect({ code, error }).toEqual({ code: 0, error: "" });
  }
});

test("a command that makes files as well outlasts a reader that leaves", async () => {
  let writes = 0;
  const broken = new Writable({
    write(_chunk, _encoding, done) {
      writes += 1;
      done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    },
  });
  const writer = createRowWriter(broken);
  await expect(writer.write(caseRow("a") as never)).rejects.toThrow("the reader of the output has left");
  writer.outlastReader();
  await writer.write(caseRow("b") as never);
  await writer.writeText("c");
  expect(writes).toBe(1);
});

test("a full disk behind standard output is one line and exit code 3", async () => {
  const full = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" }));
    },
  });
  const { code, error } = await callCommand(echo, ["--quiet"], { input: asLines(rows), streams: { output: full } });
  expect(code).toBe(3);
  expect(error).toBe("ensam-echo: standard output: cannot write, no space left on the device (ENOSPC)\n");
});

test("a relative path in a row starts from the folder of its file, and written ones are absolute unless asked", () => {
  const origin = { folder: "/w/data" };
  expect(resolvePath(origin, "a.npz")).toBe("/w/data/a.npz");
  expect(resolvePath(origin, "../b.npz")).toBe("/w/b.npz");
  expect(resolvePath(origin, "/x.npz")).toBe("/x.npz");
  expect(writtenPath("/w/data/a.npz", undefined)).toBe("/w/data/a.npz");
  expect(writtenPath("/w/data/a.npz", "/w/rows")).toBe("../data/a.npz");
});

test("a row that goes elsewhere keeps its files, whatever folder it came from", () => {
  const row = caseRow("a") as never;
  expect(rebaseRow(row, { folder: "/w" }, undefined)).toMatchObject({ npz: "/w/a.npz" });
  expect(rebaseRow(row, { folder: "/w/data" }, undefined)).toMatchObject({ npz: "/w/data/a.npz" });
  expect(rebaseRow(row, { folder: "/w/data" }, "/w/rows")).toMatchObject({ npz: "../data/a.npz" });
  const absolute = caseRow("a", { npz: "/w/data/a.npz" }) as never;
  expect(rebaseRow(absolute, { folder: "/elsewhere" }, "/w")).toMatchObject({ npz: "data/a.npz" });
});

test("an image given where rows belong is one line that says so, without its bytes", async () => {
  const gzip = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xfe, 10, 200, 13, 7]);
  for (const bytes of [gzip, Buffer.alloc(400, 1)]) {
    const { code, error } = await callCommand(echo, ["--quiet"], { input: Readable.from([bytes]) });
    expect(code).toBe(3);
    expect(error).toMatch(
      /^ensam-echo: stdin: expected rows \(one JSON object per line\), got bytes that are no text; [ -~]+\n$/,
    );
  }
});
