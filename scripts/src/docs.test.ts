import { readdirSync, readFileSync } from "node:fs";
import { namedOptions, parseOptions } from "@ensam/core/command";
import { loadCommand, members } from "ensam/commands";
import { expect, test } from "vitest";
import { commandPages, packageReadmes, packagesFolder, pagesFolder } from "./commandPages.ts";
import { documentationPages, documentedCommands, root } from "./documentedCommands.ts";
import { callsOf } from "./shellWords.ts";

const pages = await commandPages();
const refresh = 'docs/commands: expected what the option tables say, got another text: "make docs" writes it anew';

test.each([...pages])("the page %s says what the option table says", (name, text) => {
  expect(readFileSync(new URL(name, pagesFolder), "utf8"), refresh).toBe(text);
});

test("the READMEs of the commands' packages say what the option tables say", async () => {
  const refreshReadmes = refresh.replace("docs/commands", "packages");
  for (const [path, text] of await packageReadmes()) {
    expect(readFileSync(new URL(path, packagesFolder), "utf8"), refreshReadmes).toBe(text);
  }
});

const definitions = new Map(
  await Promise.all(
    members.map(async (member) => [`ensam-${member.word}` as string, (await loadCommand(member)).definition] as const),
  ),
);
const standard = ["config", "quiet", "debug", "schema", "completion", "version", "help"];

test("every call in a fence has flags that its command knows, with values that it takes", async () => {
  let calls = 0;
  for (const { page, command } of documentedCommands()) {
    for (const [name, ...argv] of callsOf(command)) {
      const definition = definitions.get(name!);
      if (definition === undefined || standard.some((flag) => argv.includes(`--${flag}`))) continue;
      await expect(
        parseOptions(definition.options, argv, {}, "/", definition.insteadOf),
        `${page}: ${command}`,
      ).resolves.toBeDefined();
      calls += 1;
    }
  }
  expect(calls).toBeGreaterThan(60);
  const [unknown] = callsOf("cat a | ensam-info --nonsense 'b c'");
  expect(unknown).toEqual(["ensam-info", "--nonsense", "b c"]);
  await expect(parseOptions(definitions.get("ensam-info")!.options, unknown!.slice(1), {}, "/")).rejects.toThrow();
});

/** Flags of npm and of the scripts that pages name. */
const foreign = new Set([
  ...["global", "time-budget", "beside", "write-split"],
  ...["signal", "array", "sshloginfile", "resume-failed"], // sbatch, GNU parallel
]);

test("every flag that a page names belongs to a command", () => {
  const known = new Set([
    ...standard,
    ...[...definitions.values()].flatMap(({ options }) => namedOptions(options).map(({ flag }) => flag)),
    ...foreign,
  ]);
  const pages = documentationPages().filter((page) => !/^(CHANGELOG|AGENTS)/.test(page));
  const unknown = pages.flatMap((page) =>
    [...readFileSync(root + page, "utf8").matchAll(/`[^`\n]*`/g)]
      .flatMap(([span]) =>
        [...span.matchAll(/(?<=[` ])--([a-z](?:[a-z-]*[a-z])?)(?![a-z-])/g)].map(([, flag]) => flag!),
      )
      .filter((flag) => !known.has(flag))
      .map((flag) => `${page}: --${flag}`),
  );
  expect(unknown).toEqual([]);
});

test("there is no page of a command that is gone, and the index has all", () => {
  expect(readdirSync(pagesFolder).sort()).toEqual([...pages.keys()].sort());
  for (const name of pages.keys()) if (name !== "README.md") expect(pages.get("README.md")).toContain(`(${name})`);
});

test("a page has the command's examples, options and exit codes", () => {
  const page = pages.get("ensam-segment.md")!;
  expect(page).toMatch(/^# ensam-segment\n/);
  expect(page).toContain("```sh\nensam-segment ct.nii.gz --model runs/a");
  expect(page).toContain("| `--click ");
  expect(page).toContain("`segmentation`");
  expect(page).toContain("| 75 |");
});
