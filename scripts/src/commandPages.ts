import { type Command, renderDocs, renderMan } from "@ensam/core/command";
import { definitions, loadCommand, members } from "ensam/commands";
import { familyManPage } from "ensam/familyPage";

/** The folder of the pages. */
export const pagesFolder = new URL("../../docs/commands/", import.meta.url);

/** The folder of the packages. */
export const packagesFolder = new URL("../../packages/", import.meta.url);

/**
 * Returns the pages of docs/commands by file name: one for each command, made from its option table, and an index. As a
 * source file it documents the sources of the commands, as a built one what is built of them.
 */
export async function commandPages(): Promise<Map<string, string>> {
  const commands = await Promise.all(members.map(loadCommand));
  const pages = new Map(commands.map((command) => [`${command.definition.name}.md`, renderDocs(command)]));
  return pages.set("README.md", renderIndex(commands));
}

function renderIndex(commands: readonly Command[]): string {
  const lines = commands.map(({ definition: { name, summary } }) => `- [${name}](${name}.md): ${summary}`);
  return `# Commands\n\n${lines.join("\n")}\n`;
}

/** Returns the manual pages by their path in packages/: one beside each command, and all of them beside `ensam`. */
export async function manPages(): Promise<Map<string, string>> {
  const commands = await definitions();
  const names = commands.map(({ definition }) => definition.name);
  const pages = new Map([["ensam/man/ensam.1", familyManPage(commands)]]);
  for (const [index, { definition }] of commands.entries()) {
    const others = ["ensam", ...names.filter((name) => name !== definition.name)];
    const page = renderMan(definition, others);
    for (const folder of [packageFolder(index), "ensam"]) pages.set(`${folder}/man/${definition.name}.1`, page);
  }
  return pages;
}

/** Returns the README of each command's package by its path in packages/, from the words and examples of its help. */
export async function packageReadmes(): Promise<Map<string, string>> {
  const byFolder = new Map<string, Command[]>();
  for (const [index, member] of members.entries()) {
    const folder = packageFolder(index);
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), await loadCommand(member)]);
  }
  const readmes = new Map<string, string>();
  for (const [folder, commands] of byFolder) {
    const sections = commands.flatMap(({ definition: { name, summary, examples } }) => [
      `**${name}** ${summary}.`,
      `\`\`\`sh\n${examples.map(({ command, doc }) => `# ${doc}\n${command}`).join("\n")}\n\`\`\``,
      `All options: \`${name} --help\`, or \`man ${name}\`.`,
    ]);
    const text = [`# @ensam/${folder}`, ...sections, partOf("The package `ensam` brings it with all others.")];
    readmes.set(`${folder}/README.md`, `${text.join("\n\n")}\n`);
  }
  const lines = (await definitions()).map(({ word, definition }) => `- \`ensam ${word}\`: ${definition.summary}`);
  const ensam = [
    "# ensam",
    "Interactive segmentation of 3D medical images: all commands of ENSAM in one package, with trained weights.",
    "```sh\nensam segment ct.nii.gz --box 82,21,10,111,57,43 -o mask.nii.gz\nensam-segment --help\n```",
    "`ensam COMMAND ...` is the same as `ensam-COMMAND ...`:",
    lines.join("\n"),
    partOf("`ensam COMMAND --help` or `man ensam-COMMAND` says more."),
  ];
  return readmes.set("ensam/README.md", `${ensam.join("\n\n")}\n`);
}

function packageFolder(index: number): string {
  return members[index]!.module.split("/")[1]!;
}

function partOf(more: string): string {
  return `A command of ENSAM. ${more} Node 20.19 or later, tested on Linux x86-64. A research tool and no medical device; Apache-2.0.`;
}
