import { execFileSync, spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { renderDocs } from "./docsPage.ts";
import { renderHelp, wrap } from "./helpText.ts";
import { echo } from "./testing/echoCommand.ts";
import { callCommand } from "./testing/index.ts";

test("help leads with examples, lists options, defaults and exit codes, and exits 0", async () => {
  const { code, output, error } = await callCommand(echo, ["--help"]);
  expect({ code, error }).toEqual({ code: 0, error: "" });
  expect(output).toMatchInlineSnapshot(`
    "ensam-echo: hands on case rows

    Examples
      ensam-echo --mode far cases.ndjson
          hands on every row of a file

    Usage
      ensam-echo [options] [ROWS ...]
          ROWS: files of case rows; none or - is standard input

    Options
      --budget TEXT             How many. (default 10%) [ENSAM_BUDGET]
      -o, --out PATH            Where to. [ENSAM_OUT]
      --max-voxels N            Largest volume. (in voxels; default 4194304) [ENSAM_MAX_VOXELS]
      --rate X                  A rate. (default 0.5) [ENSAM_RATE]
      --fast                    Hurry. [ENSAM_FAST]
      --mode NAME               Where to look. (near, far; default near) [ENSAM_MODE]
      --exclude A,B,...         Datasets to leave out. [ENSAM_EXCLUDE]
      --halve-at A,B,...        Epochs. (default 2,5,10) [ENSAM_HALVE_AT]

    Cases
      -j, --jobs N              Cases worked on at once; the output is the same for every N. (default 1)
                                [ENSAM_JOBS]
      --shard I/N               Take every N-th case, starting with the I-th (1/4 to 4/4). [ENSAM_SHARD]
      --overwrite               Redo outputs that are there and up to date. [ENSAM_OVERWRITE]

    Every command
      --config FILE             JSON file with option values; flags and environment win.
      --quiet                   No notes and no progress, only errors.
      --debug                   Stack traces with errors.
      --schema                  Print JSON Schemas of the rows read and written.
      --completion SHELL        Print a completion script for the shell. (bash, zsh, fish)
      --version                 Print the version.
      -h, --help                Print this help.

    Exit codes
        0  done
        1  some cases failed, the others are written
        2  wrong usage or configuration
        3  no input or no case can be used, or the output cannot be written
        4  the asked device or dependency is missing
        5  out of memory
       70  a mistake in the program
       75  stopped on request, progress saved: run again to go on
      130  stopped at once
    "
  `);
});

test("help says in detail what the command does, between options and exit codes", () => {
  const words = "one two three four five six seven eight nine ten eleven twelve";
  const help = renderHelp({ ...echo.definition, description: [words, "Term: meaning"] }, 40);
  expect(help).toContain(`
  -h, --help                Print this
                            help.

Details
  one two three four five six seven
      eight nine ten eleven twelve
  Term: meaning

Exit codes
`);
});

test("help is as wide as the terminal", () => {
  const lines = renderHelp(echo.definition, 60).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80); // flags and examples are not cut
  expect(wrap("one two three", 8, "  ")).toEqual(["  one", "  two", "  three"]);
});

test("help comes beside a wrong flag too", async () => {
  expect((await callCommand(echo, ["--nonsense", "--help"])).code).toBe(0);
});

test("the version is the package's", async () => {
  expect((await callCommand(echo, ["--version"])).output).toMatch(/^ensam-echo \d+\.\d+\.\d+\n$/);
});

test("--schema prints a JSON Schema for each row type read and written", async () => {
  const { output } = await callCommand(echo, ["--schema"]);
  const schemas = JSON.parse(output);
  expect(Object.keys(schemas)).toEqual(["case", "failure"]);
  expect(schemas.case.required).toContain("npz");
  expect(schemas.case.properties.modality.enum).toEqual(["CT", "MR", "PET", "US", "Microscopy"]);
});

test("the documentation page has every option of the table", () => {
  const page = renderDocs(echo);
  for (const flag of ["--budget", "--max-voxels", "--halve-at", "--shard I/N", "--config FILE"]) {
    expect(page).toContain(flag);
  }
  expect(page).toContain("ENSAM_MAX_VOXELS");
  expect(page).toContain("Reads `case` rows; writes `case`, `failure` rows.");
});

test("the documentation page of a command without rows says nothing of rows", () => {
  const { reads: _, writes: __, ...definition } = echo.definition;
  expect(renderDocs(Object.assign(async () => 0, { definition }))).not.toContain("--schema` prints");
});

test("completion scripts name every flag, and bash takes its one", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { output, code } = await callCommand(echo, ["--completion", shell]);
    expect(code).toBe(0);
    expect(output).toContain("max-voxels");
  }
  const { output } = await callCommand(echo, ["--completion", "bash"]);
  const probe = `${output}\nCOMP_WORDS=(ensam-echo --mode f); COMP_CWORD=2; _ensam_echo; echo "\${COMPREPLY[@]}"
COMP_WORDS=(ensam-echo --max); COMP_CWORD=1; _ensam_echo; echo "\${COMPREPLY[@]}"`;
  if (spawnSync("bash", ["-c", "true"]).status !== 0) return console.log("bash is not installed: completion not run");
  expect(execFileSync("bash", ["-c", probe]).toString()).toBe("far\n--max-voxels\n");
});

test("an argument where none is expected is a usage error", async () => {
  const { code, error } = await callCommand(echo, ["--completion", "tcsh"]);
  expect(code).toBe(2);
  expect(error).toContain('--completion: expected one of bash, zsh, fish, got "tcsh"');
});
