import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CommandDefinition, namedOptions, renderMan } from "@ensam/core/command";
import { callCommand } from "@ensam/core/command/testing";
import { expect, test } from "vitest";
import { definitions, loadCommand, members } from "./commands.ts";
import { familyManPage } from "./familyPage.ts";
import { main } from "./main.ts";

const commands = await definitions();
const packages = new URL("../../", import.meta.url);
const json = (folder: string) => JSON.parse(readFileSync(new URL(`${folder}/package.json`, packages), "utf8"));
const has = (program: string, ...words: string[]) => spawnSync(program, words).status === 0;

test("every command of every package is a member, under its own name", () => {
  const bins = readdirSync(packages)
    .filter((folder) => folder.startsWith("cli-"))
    .flatMap((folder) => Object.keys(json(folder).bin));
  expect(members.map(({ word }) => `ensam-${word}`).sort()).toEqual(bins.sort());
  for (const { word, definition } of commands) expect(definition.name).toBe(`ensam-${word}`);
});

test("the package brings each command's program and manual page, and depends on it by version", () => {
  const own = json("ensam");
  const names = ["ensam", ...members.map(({ word }) => `ensam-${word}`)].sort();
  expect(Object.keys(own.bin).sort()).toEqual(names);
  expect([...own.man].sort()).toEqual(names.map((name) => `man/${name}.1`).sort());
  for (const { word, module } of members) {
    const [scope, folder] = module.split("/");
    const file = readFileSync(new URL(`ensam/bin/ensam-${word}.js`, packages), "utf8");
    expect(file).toBe(`#!/usr/bin/env node\nimport "${scope}/${folder}/bin/ensam-${word}.js";\n`);
    expect(own.dependencies[`${scope}/${folder}`]).toBe("workspace:*");
    expect(json(folder!).man).toContain(`man/ensam-${word}.1`);
  }
});

test("an environment variable has one kind of value in every command", () => {
  const kinds = new Map<string, string>();
  for (const { word, definition } of commands) {
    for (const { env, option } of namedOptions(definition.options)) {
      const kind = option.kind === "list" ? `list of ${option.of}` : option.kind;
      if (env !== "") expect(`${word}: ${env}: ${kind}`).toBe(`${word}: ${env}: ${kinds.get(env) ?? kind}`);
      kinds.set(env, kind);
    }
  }
});

test("--help has a line for each command; without a command it is named as the way on", async () => {
  const { code, output } = await callCommand(main, ["--help"]);
  expect(code).toBe(0);
  for (const { word, definition } of commands)
    expect(output).toContain(`  ${word.padEnd(10)}  ${definition.summary}\n`);
  // As in git and apt.
  expect((await callCommand(main, ["help"])).output).toBe(output);
  const page = (await callCommand(main, ["info", "--help"])).output;
  expect((await callCommand(main, ["help", "info"])).output).toBe(page);
  const none = await callCommand(main, []);
  expect([none.code, none.error]).toEqual([2, "ensam: expected a command, got none (ensam --help lists them)\n"]);
});

test("ensam COMMAND is ensam-COMMAND: the same text, error and exit code", async () => {
  const info = await loadCommand({ word: "info", module: "@ensam/cli-info" });
  for (const argv of [["--help"], ["--version"], ["--nonsense"], ["nowhere.nii"]]) {
    const one = await callCommand(main, ["info", ...argv]);
    const other = await callCommand(info, argv);
    expect([one.code, one.output, one.error]).toEqual([other.code, other.output, other.error]);
  }
  expect((await callCommand(main, ["ensam-info", "--version"])).output).toMatch(/^ensam-info \d/);
});

test.each([
  ["segmnet", "segmnet: expected a command; did you mean segment?"],
  ["ensam-trian", "ensam-trian: expected a command; did you mean train?"],
  ["--evl", "--evl: expected a command; did you mean eval?"],
  ["frobnicate", "frobnicate: expected a command (ensam --help lists them)"],
])("ensam %s says the nearest command", async (word, words) => {
  const { code, error } = await callCommand(main, [word]);
  expect([code, error]).toEqual([2, `ensam: ${words}\n`]);
});

const flagsOf = ({ options }: CommandDefinition) => namedOptions(options).map(({ flag }) => `--${flag}`);

test("bash completes commands, and behind each its flags and choices, as ensam and as ensam-COMMAND", async () => {
  if (!has("bash", "-c", "true")) return console.log("bash is not installed: completion not run");
  const family = (await callCommand(main, ["--completion", "bash"])).output;
  const scripts = [family];
  const calls: [words: string[], expected: string[]][] = [
    [
      ["ensam", "s"],
      ["segment", "serve", "synthesize", "simulate", "submit"],
    ],
    [["ensam", "nonsense", "--"], []],
  ];
  for (const member of members) {
    const command = await loadCommand(member);
    const { definition } = command;
    const alone = (await callCommand(command, ["--completion", "bash"])).output;
    // What the family's script knows of a command is what the command's own says.
    for (const line of alone.split("\n").slice(1, -2)) expect(family).toContain(line);
    scripts.push(alone);
    const flags = expect.arrayContaining([...flagsOf(definition), "--help"]) as unknown as string[];
    calls.push([["ensam", member.word, "--"], flags], [[definition.name, "--"], flags]);
    calls.push(
      [["ensam", member.word, "--completion", "z"], ["zsh"]],
      [[definition.name, "--completion", "z"], ["zsh"]],
    );
    calls.push([[definition.name, "--completion", "=", "f"], ["fish"]]);
    for (const { flag, option } of namedOptions(definition.options)) {
      const choices = "choices" in option ? (option.choices ?? []) : [];
      if (choices.length > 0) calls.push([["ensam", member.word, `--${flag}`, ""], choices.map(String)]);
    }
  }
  const probes = calls.map(([words]) => {
    const action = `_${words[0]!.replaceAll("-", "_")}`;
    const list = words.map((word) => `'${word}'`).join(" ");
    return `COMPREPLY=(); COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; ${action}; echo "\${COMPREPLY[*]}"`;
  });
  const said = execFileSync("bash", ["-c", [...scripts, ...probes].join("\n")], { encoding: "utf8" });
  const answers = said.split("\n").map((line) => line.split(" ").filter((word) => word !== ""));
  for (const [index, [words, expected]] of calls.entries()) expect([words, answers[index]]).toEqual([words, expected]);
});

test("zsh and fish take the scripts, loaded as their first line says", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ensam-completion-"));
  try {
    for (const [shell, check] of [
      [
        "zsh",
        (file: string) => ["-f", "-c", `autoload -Uz compinit; compinit -u -D; source ${file}; print $_comps[ensam]`],
      ],
      ["fish", (file: string) => ["-N", "-c", `source ${file}; complete -C 'ensam segm'`]],
    ] as const) {
      const { output, code } = await callCommand(main, ["--completion", shell]);
      expect(code).toBe(0);
      for (const { word, definition } of commands) {
        expect(output).toContain(word);
        for (const flag of flagsOf(definition)) expect(output).toContain(flag.slice(2));
      }
      if (!has(shell, "-c", "true")) {
        console.log(`${shell} is not installed: its completion not run`);
        continue;
      }
      const file = join(folder, shell);
      writeFileSync(file, output);
      const { stdout, stderr } = spawnSync(shell, check(file), { encoding: "utf8" });
      expect([stdout.trim().split("\t")[0], stderr]).toEqual([shell === "zsh" ? "_ensam" : "segment", ""]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("--completion of another shell is refused", async () => {
  const { code, error } = await callCommand(main, ["--completion", "tcsh"]);
  expect([code, error]).toEqual([2, 'ensam: --completion: expected one of bash, zsh, fish, got "tcsh"\n']);
});

test("manual pages name every option, and groff has nothing to say on them", () => {
  const pages = [familyManPage(commands), ...commands.map(({ definition }) => renderMan(definition, ["ensam"]))];
  for (const { definition } of commands) {
    const page = renderMan(definition);
    expect(page).toMatch(/^\.TH ENSAM\\-[A-Z]+ 1 /);
    for (const flag of flagsOf(definition)) expect(page).toContain(flag.replaceAll("-", "\\-"));
  }
  if (!has("groff", "--version")) return console.log("groff is not installed: manual pages not set");
  for (const page of pages) {
    const { stderr, status } = spawnSync("groff", ["-man", "-Tutf8", "-Kutf8", "-ww", "-z"], { input: page });
    expect([status, stderr.toString()]).toEqual([0, ""]);
  }
});
