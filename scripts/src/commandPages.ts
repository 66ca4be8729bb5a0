import { existsSync } from "node:fs";
import { type Command, renderDocs } from "@ensam/core/command";

/** Where each command's `main` lies, without extension, in the source or the built folder of its package. */
const commands: readonly (readonly [packageFolder: string, module: string])[] = [
  ["cli-preprocess", "main"],
  ["cli-synthesize", "main"],
  ["cli-coreset", "main"],
  ["cli-train", "main"],
  ["cli-train", "monitor/main"],
  ["cli-simulate", "main"],
  ["cli-baseline", "main"],
  ["cli-eval", "main"],
  ["cli-segment", "main"],
  ["cli-annotate", "main"],
  ["cli-serve", "main"],
  ["cli-info", "main"],
  ["cli-convert", "main"],
  ["cli-doctor", "main"],
  ["cli-submit", "main"],
];

/** The folder of the pages. */
export const pagesFolder = new URL("../../docs/commands/", import.meta.url);

/**
 * Returns the pages of docs/commands by file name: one for each command, made from its option table, and an index. As a
 * source file it documents the sources of the commands, as a built one what is built of them.
 */
export async function commandPages(): Promise<Map<string, string>> {
  const definitions = await Promise.all(commands.map(([packageFolder, module]) => loadCommand(packageFolder, module)));
  const found = definitions.filter((command) => command !== undefined);
  const pages = new Map(found.map((command) => [`${command.definition.name}.md`, renderDocs(command)]));
  return pages.set("README.md", renderIndex(found));
}

async function loadCommand(packageFolder: string, module: string): Promise<Command | undefined> {
  const place = import.meta.url.endsWith(".ts") ? `src/${module}.ts` : `dist/${module}.js`;
  const url = new URL(`../../packages/${packageFolder}/${place}`, import.meta.url);
  if (!existsSync(url)) return undefined;
  const { main } = (await import(url.href)) as { main: Command };
  return main;
}

function renderIndex(found: readonly Command[]): string {
  const lines = found.map(({ definition: { name, summary } }) => `- [${name}](${name}.md): ${summary}`);
  return `# Commands\n\n${lines.join("\n")}\n`;
}
