import { mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { InputError, UsageError } from "./errors.ts";
import { isTooDeep, readJsonFile } from "./jsonText.ts";
import { ensureWritable } from "./outputFolder.ts";
import { plainText } from "./plainText.ts";
import { createStatusLine } from "./statusLine.ts";
import { caseRow, echo } from "./testing/echoCommand.ts";
import { asLines, callCommand } from "./testing/index.ts";

const folder = () => mkdtemp(join(tmpdir(), "ensam-"));
/** Escape, bell, delete and the C1 control sequence introducer, which terminals obey. */
const nasty = "a\u001b[31mb\u0007c\u007fd\u009b2J";

test("control characters of names are written out on a terminal, ends of lines and tabulators stay", () => {
  expect(plainText(nasty)).toBe("a\\x1b[31mb\\x07c\\x7fd\\x9b2J");
  expect(plainText("one\n\ttwo ü 漢")).toBe("one\n\ttwo ü 漢");
});

test("rows, errors, notes and progress carry no control character raw", async () => {
  const rows = [caseRow("a", { dataset: nasty }), caseRow("b", { modality: nasty })];
  const { output, error, rows: got } = await callCommand(echo, [`--exclude=${nasty}`], { input: asLines(rows) });
  expect(got).toEqual([rows[0]]); // The value is the same; only its spelling differs.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
  for (const text of [output, error]) expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  expect(error).toContain("modality: expected one of");
});

test("a status that is redrawn in place holds no control character of its own", () => {
  const written: string[] = [];
  const error = { on: () => {}, destroyed: false, write: (text: string) => written.push(text) };
  const line = createStatusLine({ error, env: {}, errorIsTty: true, columns: 80 } as never);
  line.status(`cases 1/2  ${nasty}\nend`);
  expect(written).toEqual(["cases 1/2  a\\x1b[31mb\\x07c\\x7fd\\x9b2J end"]);
});

test.each([
  [
    "UTF-16 with a byte order mark",
    Buffer.from(`\uFEFF${JSON.stringify(caseRow("a"))}\n`, "utf16le"),
    "UTF-16 (little",
  ],
  ["UTF-16 without one", Buffer.from(`${JSON.stringify(caseRow("a"))}\n`, "utf16le"), "UTF-16 (little-endian, without"],
  ["UTF-16, big-endian", Buffer.from(`\uFEFF${JSON.stringify(caseRow("a"))}\n`, "utf16le").swap16(), "UTF-16 (big"],
])("rows in %s are refused in a plain line", async (_, bytes, words) => {
  const cwd = await folder();
  await writeFile(join(cwd, "rows.ndjson"), bytes);
  const { code, error } = await callCommand(echo, ["--quiet", "rows.ndjson"], { cwd });
  expect(code).toBe(3);
  expect(error).toContain(`ensam-echo: rows.ndjson: expected UTF-8 text, got ${words}`);
  expect(error.trim().split("\n")).toHaveLength(1);
});

test("a row nested too deep is one clear line; brackets in its texts do not count", async () => {
  const deep = JSON.stringify(caseRow("a")).replace("{", `{"more":${"[".repeat(100_000)}${"]".repeat(100_000)},`);
  const { code, error } = await callCommand(echo, ["--quiet"], { input: `${deep}\n` });
  expect(code).toBe(3);
  expect(error).toBe("ensam-echo: stdin:1: expected a row of a few levels, got JSON nested deep\n");
  const bracketed = caseRow("a", { note: '[{"\\'.repeat(2000) });
  expect((await callCommand(echo, ["--quiet"], { input: asLines([bracketed]) })).rows).toEqual([bracketed]);
  // 200 levels are allowed, 201 are not; the text is long enough to be looked at.
  const nested = (levels: number) => `${"[".repeat(levels)}"${"x".repeat(3000)}"${"]".repeat(levels)}`;
  expect([200, 201].map((levels) => isTooDeep(nested(levels)))).toEqual([false, true]);
});

test("a JSON file may start with a byte order mark, and is refused by name when it is something else", async () => {
  const cwd = await folder();
  const at = async (content: string | Buffer) => {
    await writeFile(join(cwd, "a.json"), content);
    return join(cwd, "a.json");
  };
  expect(await readJsonFile(await at('\uFEFF{"a": 1}'))).toEqual({ a: 1 });
  const reading = (content: string | Buffer) => at(content).then((path) => readJsonFile(path, UsageError));
  await expect(reading("{oops")).rejects.toThrow(/a\.json: expected JSON, got text that is not JSON \(/);
  await expect(reading(Buffer.from("\uFEFF{}", "utf16le"))).rejects.toThrow("a.json: expected UTF-8 text, got UTF-16");
  await expect(reading("[".repeat(5000))).rejects.toThrow("a.json: expected JSON nested at most 200 deep, got deeper");
  await expect(readJsonFile(join(cwd, "none.json"))).rejects.toThrow(/none\.json: expected an existing file/);
  await expect(readJsonFile(join(cwd, "none.json"))).rejects.toBeInstanceOf(InputError);
});

test("an output that could not be written is found beforehand, and the trial leaves nothing", async () => {
  const cwd = await folder();
  await mkdir(join(cwd, "taken.csv"));
  await writeFile(join(cwd, "file"), "");
  await ensureWritable(join(cwd, "new", "a.csv"));
  await ensureWritable(join(cwd, "file"));
  expect([await readdir(cwd), await readdir(join(cwd, "new"))]).toEqual([["file", "new", "taken.csv"], []]);
  for (const [path, words] of [
    [join(cwd, "taken.csv"), "expected a file to write, got a folder"],
    [join(cwd, "file", "a.csv"), "cannot be written"],
    ["/proc/ensam/a.csv", "cannot be written"],
    ["/dev/full", "expected a file to write, got a device"],
  ] as const) {
    await expect(ensureWritable(path)).rejects.toThrow(`${path}: ${words}`);
  }
});
