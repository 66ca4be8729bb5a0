import { link, mkdtemp, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UsageError } from "./errors.ts";
import { namedInputs, overwriteCheck, refuseSameOutputs } from "./overwriteCheck.ts";

async function folderWith(...names: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ensam-"));
  for (const name of names) await writeFile(join(folder, name), name);
  return folder;
}

test("an output that is an input is refused by whatever name: its own, another spelling, a link of either kind", async () => {
  const folder = await folderWith("a");
  const a = join(folder, "a");
  await symlink("a", join(folder, "soft"));
  await link(a, join(folder, "hard"));
  await symlink(folder, join(folder, "here"));
  for (const name of ["a", "./a", "soft", "hard", "here/a"]) {
    const output = `${folder}/${name}`;
    expect(() => overwriteCheck([output])([a]), name).toThrow(UsageError);
    expect(() => overwriteCheck([a])([output]), name).toThrow(`expected an output that is not read as well`);
  }
});

test("a slice in a folder that is read is an input, a result beside it is not", async () => {
  const folder = await folderWith("1.dcm", "mask.nii.gz");
  expect(() => overwriteCheck([join(folder, "1.dcm")])([folder])).toThrow(UsageError);
  overwriteCheck([join(folder, "mask.nii.gz")])([folder]);
});

test("other files, files that are not there yet, folders and devices are no trouble", async () => {
  const folder = await folderWith("a", "b");
  await symlink("nowhere", join(folder, "dangling"));
  const outputs = ["b", "new", "dangling"].map((name) => join(folder, name));
  const check = overwriteCheck([...outputs, folder, "/dev/null"]);
  check([
    join(folder, "a"),
    join(folder, "new"),
    join(folder, "dangling"),
    join(folder, "none"),
    "/dev/null",
    undefined,
  ]);
});

test("a command line names its files and its configuration, not standard input", async () => {
  const context = { positionals: ["-", "rows.ndjson"], config: "/c.json", streams: { cwd: "/w" } };
  expect(namedInputs(context as never)).toEqual(["/w/rows.ndjson", "/c.json"]);
});

test("two outputs in one file are refused, also where it is not there yet", async () => {
  const folder = await folderWith("a");
  await symlink("a", join(folder, "b"));
  const [a, b, c] = ["a", "b", "c"].map((name) => join(folder, name));
  expect(() => refuseSameOutputs({ "--csv": a, "--report": b })).toThrow("--report: expected a file of its own");
  expect(() => refuseSameOutputs({ "--csv": c, "--report": c })).toThrow("got that of --csv");
  refuseSameOutputs({ "--csv": a, "--report": c, "--latex": undefined });
});
