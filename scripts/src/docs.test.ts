import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { commandPages, pagesFolder } from "./commandPages.ts";

const pages = await commandPages();
const refresh = 'docs/commands: expected what the option tables say, got another text: "make docs" writes it anew';

test.each([...pages])("the page %s says what the option table says", (name, text) => {
  expect(readFileSync(new URL(name, pagesFolder), "utf8"), refresh).toBe(text);
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
