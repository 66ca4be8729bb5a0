import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { detachedDataFiles, withDataFiles } from "./detachedDataFiles.ts";
import { temporaryFolder } from "./testing/temporaryFolder.ts";

const meta = (file: string, end = "\n") =>
  ["ObjectType = Image", "NDims = 3", `ElementDataFile = ${file}`, ""].join(end);
const nrrd = (file: string) => `NRRD0004\n# a comment\ntype: short\ndata file: ${file}\n`;

test.each([
  ["a.mhd", meta("a scan ü.raw"), ["a scan ü.raw"]],
  ["a.mhd", meta("../store/a.raw", "\r\n"), ["../store/a.raw"]],
  ["a.mha", `${meta("LOCAL")}\0\u0001 data file: b.raw`, []],
  ["a.mhd", `${meta("LIST")}one.raw\ntwo.raw\n`, ["one.raw", "two.raw"]],
  ["a.mhd", meta("s%03d.raw 8 10 1"), ["s008.raw", "s009.raw", "s010.raw"]],
  ["a.nhdr", nrrd("a.raw.gz"), ["a.raw.gz"]],
  ["a.nhdr", "NRRD0001\ndatafile: b.raw\n", ["b.raw"]],
  ["a.nhdr", nrrd("LIST 2\nz1.raw\nz2.raw"), ["z1.raw", "z2.raw"]],
  ["a.nhdr", nrrd("z%d.raw 1 5 2"), ["z1.raw", "z3.raw", "z5.raw"]],
  ["a.nrrd", "NRRD0004\ntype: short\n\ndata file: inside the values", []],
  ["a.nii", "\u005c\u0001\0\0 ElementDataFile = no.raw", []],
  ["a.txt", "some text\nElementDataFile = no.raw\n", []],
  ["a.npz", "PK\u0003\u0004", []],
  ["empty.mhd", "", []],
])("%s: %j names %j", async (name, content, files) => {
  const folder = temporaryFolder();
  const path = join(folder, name);
  writeFileSync(path, content);
  expect(await detachedDataFiles(path)).toEqual(files.map((file) => join(folder, file)));
});

test("a name is read as the reader reads it: quoted, with backslashes, in latin1", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "sub"));
  for (const name of ["a b.raw", "sub/c.raw", "\u00fc.raw"]) writeFileSync(join(folder, name), "x");
  for (const [written, file] of [
    ['"a b.raw"', "a b.raw"],
    ["sub\\c.raw", "sub/c.raw"],
    ["\u00fc.raw", "\u00fc.raw"],
  ] as const) {
    for (const [name, text] of [
      ["a.mhd", meta(written)],
      ["a.nhdr", nrrd(written)],
    ] as const) {
      writeFileSync(join(folder, name), Buffer.from(text, "latin1"));
      expect(await detachedDataFiles(join(folder, name))).toEqual([join(folder, file)]);
    }
  }
});

test("nothing beside files that are damaged, missing, folders or pipes", async () => {
  const folder = temporaryFolder();
  execFileSync("mkfifo", [join(folder, "pipe.mhd")]);
  writeFileSync(join(folder, "bad.nhdr"), "NRRD0004\nno field\ndata file: a.raw\n");
  const paths = ["pipe.mhd", "bad.nhdr", "none.mhd", "."].map((name) => join(folder, name));
  expect(await withDataFiles([...paths, undefined])).toEqual(paths);
});

test("a pair of .hdr and .img is one image, whichever of them is given", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "sub"));
  for (const name of ["a.hdr", "a.img", "sub/b.hdr", "sub/b.img.gz"]) writeFileSync(join(folder, name), "x");
  expect(await detachedDataFiles(join(folder, "a.hdr"))).toEqual([join(folder, "a.img")]);
  expect(await detachedDataFiles(join(folder, "a.img"))).toEqual([join(folder, "a.hdr")]);
  expect(await detachedDataFiles(join(folder, "sub", "b.hdr"))).toEqual([join(folder, "sub", "b.img.gz")]);
});
