import type { Command, CommandDefinition } from "@ensam/core/command";

/** The word after `ensam`, and the module whose `main` it calls. */
export interface Member {
  readonly word: string;
  readonly module: string;
}

/** All commands, in the order of help: one's own images, data and training, scores, the machine. */
export const members: readonly Member[] = [
  { word: "segment", module: "@ensam/cli-segment" },
  { word: "annotate", module: "@ensam/cli-annotate" },
  { word: "serve", module: "@ensam/cli-serve" },
  { word: "info", module: "@ensam/cli-info" },
  { word: "convert", module: "@ensam/cli-convert" },
  { word: "preprocess", module: "@ensam/cli-preprocess" },
  { word: "synthesize", module: "@ensam/cli-synthesize" },
  { word: "coreset", module: "@ensam/cli-coreset" },
  { word: "train", module: "@ensam/cli-train" },
  { word: "monitor", module: "@ensam/cli-train/monitor" },
  { word: "simulate", module: "@ensam/cli-simulate" },
  { word: "baseline", module: "@ensam/cli-baseline" },
  { word: "eval", module: "@ensam/cli-eval" },
  { word: "submit", module: "@ensam/cli-submit" },
  { word: "doctor", module: "@ensam/cli-doctor" },
];

export async function loadCommand({ module }: Member): Promise<Command> {
  const { main } = (await import(module)) as { main: Command };
  return main;
}

/** Returns the words with the definitions of their commands, in order. */
export async function definitions(): Promise<{ word: string; definition: CommandDefinition }[]> {
  return Promise.all(
    members.map(async (member) => ({ word: member.word, definition: (await loadCommand(member)).definition })),
  );
}
