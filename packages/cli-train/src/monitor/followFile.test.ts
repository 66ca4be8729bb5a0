import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { followFile } from "./followFile.ts";
import { lineSplitter } from "./lineSplitter.ts";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ensam-follow-"));
  path = join(folder, "log.ndjson");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("lines come when they are whole, each once", async () => {
  const follower = followFile(path);
  expect(await follower.read()).toBeUndefined();
  writeFileSync(path, "a\nb");
  expect(await follower.read()).toEqual({ restarted: false, lines: ["a"], more: false });
  expect(await follower.read()).toBeUndefined();
  appendFileSync(path, "c\n\nd\n");
  expect((await follower.read())?.lines).toEqual(["bc", "d"]);
});

test("a file that is cut, replaced or written anew is read from its start", async () => {
  const follower = followFile(path);
  writeFileSync(path, "1\n2\n3\n");
  await follower.read();
  truncateSync(path, 2);
  expect(await follower.read()).toMatchObject({ restarted: true, lines: ["1"] });

  writeFileSync(`${path}.new`, "1\n2\n");
  renameSync(`${path}.new`, path);
  expect(await follower.read()).toMatchObject({ restarted: true, lines: ["1", "2"] });

  // Longer than before, so that only what stands before the place reached shows it.
  writeFileSync(path, "7\n8\n9\n");
  expect(await follower.read()).toMatchObject({ restarted: true, lines: ["7", "8", "9"] });
  truncateSync(path, 0);
  expect(await follower.read()).toEqual({ restarted: true, lines: [], more: false });
});

test("a long log is read in pieces", async () => {
  const line = `${"x".repeat(999)}\n`;
  writeFileSync(path, line.repeat(3000)); // 3 MB
  const follower = followFile(path);
  let [lines, readings] = [0, 0];
  for (let news = await follower.read(); news !== undefined; news = await follower.read()) {
    lines += news.lines.length;
    readings += 1;
    if (!news.more) break;
  }
  expect([lines, readings]).toEqual([3000, 3]);
});

test("however bytes are divided, the lines are the same", () => {
  const text = "é\nab\n\n漢字\nlast";
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), (size) => {
      const bytes = Buffer.from(text);
      const splitter = lineSplitter();
      const lines: string[] = [];
      for (let at = 0; at < bytes.length; at += size) lines.push(...splitter.take(bytes.subarray(at, at + size)));
      expect([...lines, ...splitter.rest()]).toEqual(["é", "ab", "漢字", "last"]);
    }),
  );
});
