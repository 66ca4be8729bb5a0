import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callCommand } from "@ensam/core/command/testing";
import { readChallengeCase, writeChallengeCase } from "@ensam/core/files";
import { challengeOfBox } from "@ensam/core/prompts";
import { expect, test } from "vitest";
import { main } from "./main.ts";

test("every file of inputs/ is answered in outputs/", async () => {
  const cwd = await mkdtemp(join(tmpdir(), "ensam-baseline-"));
  await mkdir(join(cwd, "inputs"));
  const imgs = { data: new Uint8Array(64), shape: [4, 4, 4] as const };
  const boxes = [challengeOfBox({ min: [1, 1, 1], max: [3, 3, 4] })];
  for (const name of ["a", "b"]) await writeChallengeCase(join(cwd, "inputs", `${name}.npz`), { imgs, boxes });
  // As what `ensam-segment --challenge` keeps beside a case.
  await writeFile(join(cwd, "inputs", ".a.state.npz"), "not a case");
  expect(await callCommand(main, ["box"], { cwd })).toMatchObject({ code: 0, error: "" });
  for (const name of ["a", "b"]) {
    const { segs } = await readChallengeCase(join(cwd, "outputs", `${name}.npz`), ["segs"]);
    expect(segs!.data.filter((label) => label === 1)).toHaveLength(2 * 2 * 3);
  }
});

test("an unknown method and a folder without files are refused in words", async () => {
  const cwd = await mkdtemp(join(tmpdir(), "ensam-baseline-"));
  const unknown = await callCommand(main, ["sphere"], { cwd });
  expect(unknown.code).toBe(2);
  expect(unknown.error).toContain("METHOD: expected one of box, ellipsoid, random-walker, got sphere");
  const none = await callCommand(main, ["box"], { cwd });
  expect(none.code).toBe(3);
  expect(none.error).toContain("inputs: expected a folder with npz files, got none");
});
