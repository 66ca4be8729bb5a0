import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FileError, listNpzFiles, writeFileAtomically } from "./index.ts";
import { temporaryFolder } from "./testing/temporaryFolder.ts";

describe("writing a file", () => {
  test("makes missing folders, joins pieces, replaces what was there and leaves nothing else", async () => {
    const folder = join(temporaryFolder(), "new", "deeper");
    const path = join(folder, "out.bin");
    await writeFileAtomically(path, Uint8Array.of(1));
    await writeFileAtomically(path, [Uint8Array.of(2, 3), Uint8Array.of(4)]);
    expect([...readFileSync(path)]).toEqual([2, 3, 4]);
    expect(readdirSync(folder)).toEqual(["out.bin"]);
  });

  test("that cannot be written is one clear line, and what was there stays", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "old");
    const error: unknown = await writeFileAtomically(join(folder, "file", "out.bin"), new Uint8Array(1)).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(FileError);
    expect((error as FileError).message).toMatch(
      /out\.bin: expected a place that can be written, got a file where a folder should be \(EEXIST\)$/,
    );
    mkdirSync(join(folder, "taken"));
    await expect(writeFileAtomically(join(folder, "taken"), new Uint8Array(1))).rejects.toThrow(
      /taken: expected a place that can be written, got a folder \(EISDIR\)/,
    );
    expect(readdirSync(folder)).toEqual(["file", "taken"]);
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("old");
  });
});

test("the npz files of a folder are listed from all depths, sorted, without hidden ones", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "b", "c"), { recursive: true });
  for (const name of ["z.npz", "a.npz", "notes.txt", ".half.npz", "b/c/m.npz"]) writeFileSync(join(folder, name), "");
  const files = ["a.npz", "b/c/m.npz", "z.npz"].map((name) => join(folder, name));
  expect(await listNpzFiles(folder)).toEqual({ files, notes: [] });
  await expect(listNpzFiles(join(folder, "none"))).rejects.toThrow(
    /none: expected a folder that can be listed, got no such file or folder/,
  );
});

test("linked folders are listed once, under their own name where they have one here; circles and dead links are told", async () => {
  const [folder, store] = [temporaryFolder(), temporaryFolder()];
  mkdirSync(join(folder, "CT", "own"), { recursive: true });
  for (const path of [join(store, "s.npz"), join(folder, "CT", "own", "o.npz")]) writeFileSync(path, "");
  symlinkSync(store, join(folder, "CT", "linked"));
  symlinkSync(store, join(folder, "again"));
  symlinkSync("..", join(folder, "CT", "circle"));
  symlinkSync("CT/own", join(folder, "alias"));
  symlinkSync("gone", join(folder, "dead.npz"));
  symlinkSync(join(store, "s.npz"), join(folder, "file.npz"));
  const { files, notes } = await listNpzFiles(folder);
  expect(files).toEqual(["CT/own/o.npz", "again/s.npz", "file.npz"].map((name) => join(folder, name)));
  expect(notes.toSorted()).toEqual(
    [
      `${join(folder, "CT/circle")}: a link to ${folder}, which is listed already; not followed`,
      `${join(folder, "CT/linked")}: a link to ${join(folder, "again")}, which is listed already; not followed`,
      `${join(folder, "alias")}: a link to ${join(folder, "CT/own")}, which is listed already; not followed`,
      `${join(folder, "dead.npz")}: a link to nothing; not followed`,
    ].toSorted(),
  );
});
