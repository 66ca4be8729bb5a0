import { type CommandDefinition, exampleLines, manLine, manPage, manText } from "@ensam/core/command";

export type Definitions = readonly { readonly word: string; readonly definition: CommandDefinition }[];

export const summary = "interactive segmentation of 3D medical images: one door to all commands of ENSAM";

const examples = [
  ["ensam segment ct.nii.gz --box 82,21,10,111,57,43 -o mask.nii.gz", "The same as ensam-segment ct.nii.gz ..."],
  ["ensam segment --help", "Options, examples and exit codes of one command."],
] as const;

/** Returns the help of `ensam`: each command with its line. */
export function familyHelp(commands: Definitions): string {
  const width = Math.max(...commands.map(({ word }) => word.length));
  return `ensam: ${summary}

Usage
  ensam COMMAND [options] [...]     the same as ensam-COMMAND [options] [...]

Commands
${commands.map(({ word, definition }) => `  ${word.padEnd(width)}  ${definition.summary}`).join("\n")}

Options
  --completion SHELL  Print a completion script for the shell. (bash, zsh, fish)
  --version           Print the version.
  -h, --help          Print this help; ensam COMMAND --help prints a command's.
`;
}

/** Returns the manual page of `ensam`. */
export function familyManPage(commands: Definitions): string {
  return manPage("ensam", summary, [
    ["SYNOPSIS", [".B ensam", manLine("COMMAND [options] [...]")]],
    [
      "DESCRIPTION",
      [manLine("ensam COMMAND is the same as ensam-COMMAND. Exit codes are the command's; 2 for an unknown one.")],
    ],
    [
      "COMMANDS",
      commands.flatMap(({ word, definition }) => [".TP", `.B ${manText(word)}`, manLine(definition.summary)]),
    ],
    [
      "OPTIONS",
      [
        ...[".TP", ".B \\-\\-completion SHELL", "Print a completion script for the shell. (bash, zsh, fish)"],
        ...[".TP", ".B \\-\\-version", "Print the version."],
        ...[".TP", ".B \\-h, \\-\\-help", "Print each command with its line."],
      ],
    ],
    ["EXAMPLES", examples.flatMap(([call, doc]) => exampleLines(call, doc))],
    ["SEE ALSO", [commands.map(({ definition }) => `.BR ${manText(definition.name)} (1)`).join("\n")]],
  ]);
}
