import {
  createRowWriter,
  exitCodes,
  familyCompletionScript,
  type Main,
  packageVersion,
  plainText,
  type Shell,
  shells,
  suggestion,
} from "@ensam/core/command";
import { definitions, loadCommand, members } from "./commands.ts";
import { familyHelp } from "./familyPage.ts";

/** `ensam COMMAND ...`: the same as `ensam-COMMAND ...`, with the same streams and exit code. `help` is `--help`. */
export const main: Main = async (argv, streams) => {
  const [first, ...rest] = argv[0] === "help" ? [...argv.slice(1, 2), "--help"] : argv;
  const refuse = (words: string): number => {
    streams.error.write(`ensam: ${plainText(words)}\n`);
    return exitCodes.usage;
  };
  const print = async (text: string): Promise<number> => {
    await createRowWriter(streams.output).writeText(text);
    return exitCodes.done;
  };
  if (first === undefined) return refuse("expected a command, got none (ensam --help lists them)");
  if (first === "--help" || first === "-h") return print(familyHelp(await definitions()));
  if (first === "--version") return print(`ensam ${packageVersion()}\n`);
  if (first === "--completion" || first.startsWith("--completion=")) {
    const shell = first.split("=")[1] ?? rest[0] ?? "";
    if (!(shells as readonly string[]).includes(shell))
      return refuse(`--completion: expected one of ${shells.join(", ")}, got "${shell}"`);
    return print(familyCompletionScript({ name: "ensam", members: await definitions() }, shell as Shell));
  }
  const words = members.map(({ word }) => word);
  const member = members.find(({ word }) => word === first || `ensam-${word}` === first);
  if (member !== undefined) return (await loadCommand(member))(rest, streams);
  const hint = suggestion(first.replace(/^-*(ensam-)?/, ""), words) || " (ensam --help lists them)";
  return refuse(`${first}: expected a command${hint}`);
};
