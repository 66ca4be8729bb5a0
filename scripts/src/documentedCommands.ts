import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** A command as a page shows it. */
export interface DocumentedCommand {
  readonly page: string;
  readonly command: string;
}

/** Returns the pages that people read, relative to the repository. */
export function documentationPages(): string[] {
  const inFolder = (folder: string) =>
    readdirSync(root + folder)
      .filter((name) => name.endsWith(".md"))
      .map((name) => `${folder}/${name}`);
  const readmes = readdirSync(`${root}packages`).map((name) => `packages/${name}/README.md`);
  const atRoot = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "AGENTS.md"];
  return [
    ...atRoot,
    ...inFolder("docs"),
    ...inFolder("docs/commands"),
    ...readmes.filter((path) => existsSync(root + path)),
  ];
}

/** Returns a page without what stands in fences of code. */
export function proseOf(text: string): string {
  return text.replaceAll(/^```.*\n[\s\S]*?^```/gm, "");
}

/**
 * Returns the commands in a page's `sh` fences: a line each, with the lines that it goes on in; a fence with a loop or
 * a variable of its own is one command.
 */
export function commandsOf(page: string, text: string): DocumentedCommand[] {
  const commands = fencedCommands(page, text);
  // A tutorial's steps build on each other.
  const whole = commands.map(({ command }) => command).join("\n");
  return page === "docs/tutorial.md" ? [{ page, command: `set -e\n${whole}` }] : commands;
}

function fencedCommands(page: string, text: string): DocumentedCommand[] {
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, fence]) => {
    const joined = fence!.replaceAll(/\\\n\s*/g, "");
    if (/^(for |[A-Z]+=[^ ]*('|$))/m.test(joined)) return [{ page, command: joined.trim() }];
    const lines = joined.split("\n").map((line) => line.replace(/\s+#\s.*$/, "").trim());
    return lines.filter((line) => line !== "" && !line.startsWith("#")).map((command) => ({ page, command }));
  });
}

/** Returns every command of README, docs and the packages' pages once, at its first place. */
export function documentedCommands(): DocumentedCommand[] {
  const all = documentationPages().flatMap((page) => commandsOf(page, readFileSync(root + page, "utf8")));
  const seen = new Set<string>();
  return all.filter(({ command }) => !seen.has(command) && seen.add(command));
}

/** How a documented command is tried. */
export type Trial = "quick" | "long" | "server" | `not run: ${string}`;

const trials: readonly (readonly [pattern: RegExp, trial: Trial])[] = [
  [
    /^make demo|^PHANTOMS=|^make reproduce DATA=demo/,
    "not run: minutes of training; make.test.ts and make.long.test.ts run these targets small",
  ],
  [
    /^make (setup|test|check|docs|pack)\b/,
    "not run: the test itself runs in what it makes (make pack: packages.long.test.ts)",
  ],
  [/^make (plan|reproduce)/, "not run: needs the challenge's data; reproduction.test.ts runs it on made ones"],
  [/sammed3d/, "not run: needs Docker and a GPU"],
  [/(reproduction|trial)\//, "not run: goes on from make reproduce above it on the page"],
  [
    /^make submit|^parallel |^ensam-submit(?! --dry-run)|\| ensam-submit|^scripts\/slurm/,
    "not run: needs Slurm or GNU parallel",
  ],
  [/^make (-j\d+ )?(bench|weights|ablation)|^node bench\.mjs/, "not run: hours, or a machine to be measured"],
  [/^npm install /, "not run: needs the network; packages.long.test.ts does it"],
  [
    /--replay ct\.session\.ndjson/,
    "not run: needs the log of a session in the browser; the tests of cli-annotate replay them",
  ],
  [/^ensam-doctor --device webgpu/, "not run: needs a GPU"],
  [/--shapes 1000/, "not run: an hour; the tests of cli-synthesize make a few"],
  [/^(npx )?(ENSAM_API_KEY=\S+ )?ensam[- ](annotate|serve)\b/, "server"],
  [/liver\.seg\.nrrd/, "long"],
  [/^ensam[- ](info|coreset|preprocess)\b(?!.*ensam-(train|simulate))/, "quick"],
  [/^ensam-train --plan|^npx ensam-segment|--completion/, "quick"],
];

/** Returns how a command is tried; what no pattern names runs with the long tests. */
export function trialOf(command: string): Trial {
  return trials.find(([pattern]) => pattern.test(command))?.[1] ?? "long";
}
