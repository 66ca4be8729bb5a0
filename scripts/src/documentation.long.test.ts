import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { documentedCommands, trialOf } from "./documentedCommands.ts";
import { makeInputs, makeModels, tryCommand, tryServer } from "./testing/docsSandbox.ts";

const isLong = process.env.TEST_LONG !== undefined;
const hasJq = spawnSync("jq", ["--version"]).status === 0;
const commands = documentedCommands().map(({ page, command }) => ({ page, command, trial: trialOf(command) }));

let folder = "";
let sandbox = "";
beforeAll(async () => {
  if (!isLong) return;
  folder = await mkdtemp(join(tmpdir(), "ensam-docs-"));
  sandbox = join(folder, "sandbox");
  await makeInputs(sandbox);
  await makeModels(sandbox);
}, 900_000);
afterAll(() => rm(folder || join(tmpdir(), "ensam-docs-none"), { recursive: true, force: true }));

test.runIf(isLong)("what is not run is said, with the reason", () => {
  for (const { page, command, trial } of commands)
    if (trial.startsWith("not run")) console.log(`${page}: ${command}: ${trial}`);
});

const long = commands.filter(
  ({ page, trial }) => trial === "long" || (trial === "quick" && page.startsWith("docs/commands/")),
);
test.runIf(isLong).each(long)("$page: $command", async ({ command }) => {
  if (/\bjq\b/.test(command) && !hasJq) return console.log(`skipped: jq is not installed: ${command}`);
  const { code, said } = await tryCommand(sandbox, join(folder, "copy"), command);
  expect([command, code, said]).toEqual([command, 0, said]);
});

test.runIf(isLong).each(commands.filter(({ trial }) => trial === "server"))("$page: $command", async ({ command }) => {
  const { code, said } = await tryServer(sandbox, join(folder, "copy"), command);
  expect([command, [0, 75, 130].includes(code ?? -1), said]).toEqual([command, true, said]);
  expect(said).toMatch(/http:\/\/\S+:\d+/);
});
