import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandsOf, documentationPages, documentedCommands, proseOf, root, trialOf } from "./documentedCommands.ts";
import { makeInputs, tryCommand } from "./testing/docsSandbox.ts";

const isBuilt = existsSync(`${root}scripts/dist/docs.js`);
if (!isBuilt) console.log("documentation.test: no build: the documented commands are not run (make setup builds it)");

const pages = documentationPages();
const textOf = new Map(pages.map((page) => [page, readFileSync(root + page, "utf8")]));

/** The anchors that GitHub gives a page's headings. */
function anchorsOf(text: string): string[] {
  const counts = new Map<string, number>();
  return [...proseOf(text).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => {
    const words = heading!.replaceAll(/[`*]|\]\([^)]*\)|\[/g, "").toLowerCase();
    const slug = words
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(/\s/g, "-");
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

function brokenLinks(page: string, text: string): string[] {
  const links = [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  return links.filter((target) => {
    if (/^(https?:|mailto:)/.test(target)) return false;
    const [path, anchor] = target.split("#");
    const file = path === "" ? page : normalize(join(dirname(page), path!));
    if (!existsSync(root + file)) return true;
    if (anchor === undefined) return false;
    return !anchorsOf(textOf.get(file) ?? readFileSync(root + file, "utf8")).includes(anchor);
  });
}

test("every link leads to a file that is there, and to a heading in it", () => {
  const broken = pages.flatMap((page) => brokenLinks(page, textOf.get(page)!).map((link) => `${page}: ${link}`));
  expect(broken).toEqual([]);
  expect(brokenLinks("README.md", "[a](docs/nowhere.md) [b](README.md#no-heading) [c](https://x.org)")).toEqual([
    "docs/nowhere.md",
    "README.md#no-heading",
  ]);
});

test("README is short, and the index has every page once", () => {
  const readme = textOf.get("README.md")!.split("\n");
  expect(readme.length).toBeLessThanOrEqual(121);
  expect(readme.filter((line) => line.length > 120)).toEqual([]);
  const index = textOf.get("docs/README.md")!;
  const listed = [...index.matchAll(/\]\(([\w./-]+\.md)\)/g)].map(([, path]) => normalize(join("docs", path!)));
  const own = pages.filter((page) => /^docs\/[^/]+\.md$/.test(page) && page !== "docs/README.md");
  for (const page of own)
    expect(
      listed.filter((path) => path === page),
      page,
    ).toEqual([page]);
});

test("every target of make that a page names is one", () => {
  const makefile = readFileSync(`${root}Makefile`, "utf8").replaceAll(/^include (.*)$/gm, (_, path) =>
    readFileSync(root + path, "utf8"),
  );
  const targets = [...makefile.matchAll(/^([a-z][a-z-]*%?):/gm)].map(([, name]) => name!);
  const isTarget = (name: string) =>
    targets.some((target) => (target.endsWith("%") ? name.startsWith(target.slice(0, -1)) : name === target));
  const named = [...textOf].flatMap(([page, text]) =>
    [...text.matchAll(/(?:`|^)make ([a-z][a-z-]*)/gm)].map(([, name]) => [page, name!] as const),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(([, name]) => !isTarget(name))).toEqual([]);
});

test("commands are found in fences: comments go, continued lines are one, a loop stays whole", () => {
  const text =
    "```sh\n# words\nensam-info a.nii   # more\nensam-eval \\\n  b.ndjson\n```\n```sh\nfor x in 1; do\n  echo $x\ndone\n```\n";
  expect(commandsOf("p", text).map(({ command }) => command)).toEqual([
    "ensam-info a.nii",
    "ensam-eval b.ndjson",
    "for x in 1; do\n  echo $x\ndone",
  ]);
  expect(documentedCommands().length).toBeGreaterThan(70);
});

/** Those that a reader meets first; the others' come with the long tests. */
const quick = documentedCommands().filter(
  ({ page, command }) => !page.startsWith("docs/commands/") && trialOf(command) === "quick",
);
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-docs-"));
  if (isBuilt) await makeInputs(join(folder, "sandbox"));
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

test.runIf(isBuilt).each(quick)("$page: $command", async ({ command }) => {
  const { code, said } = await tryCommand(join(folder, "sandbox"), join(folder, "copy"), command);
  expect([command, code, said]).toEqual([command, 0, said]);
});
