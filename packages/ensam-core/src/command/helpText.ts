import type { CommandDefinition } from "./commandSpec.ts";
import { standardOptions } from "./commonOptions.ts";
import { exitCodeMeanings } from "./errors.ts";
import type { AnyOption } from "./optionTable.ts";
import { type NamedOption, namedOptions } from "./optionTable.ts";

const defaultWidth = 100;

/** Returns the help of a command, examples first and what it does in detail after the options, wrapped at the terminal's width. No colours. */
export function renderHelp(command: CommandDefinition, width = defaultWidth): string {
  const blocks = [
    [...wrap(`${command.name}: ${command.summary}`, width, "")],
    ["Examples", ...command.examples.flatMap(({ command: line, doc }) => [`  ${line}`, ...wrap(doc, width, "      ")])],
    ["Usage", `  ${usageLine(command)}`, ...positionalLines(command, width)],
    ...optionGroups(command).map(({ title, options }) => [title, ...optionLines(options, width)]),
    ...descriptionBlock(command, width),
    ["Exit codes", ...exitCodeMeanings.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`)],
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** Returns `ensam-x [options] [FILE ...]`. */
export function usageLine({ name, positionals }: CommandDefinition): string {
  if (positionals === undefined) return `${name} [options]`;
  const { name: what, many = true } = positionals;
  return `${name} [options] [${what}${many ? " ..." : ""}]`;
}

/** Returns the options by heading, the command's own first, in the order of the table. */
export function optionGroups(command: CommandDefinition): { title: string; options: NamedOption[] }[] {
  const all = namedOptions({ ...(command.options as Record<string, AnyOption>), ...standardOptions });
  const titles = [...new Set(all.map(groupOf))];
  return titles.map((title) => ({ title, options: all.filter((named) => groupOf(named) === title) }));
}

/** Returns the flag as it is written, such as `-j, --jobs N`. */
export function flagWords({ flag, option }: NamedOption): string {
  const short = option.alias === undefined ? "" : `-${option.alias}, `;
  const value = option.kind === "boolean" ? "" : ` ${option.placeholder ?? placeholders[option.kind]}`;
  return `${short}--${flag}${value}`;
}

/** Returns what help says after an option's sentence: choices, unit and default. */
export function valueWords({ option }: NamedOption): string {
  const parts: string[] = [];
  if ("choices" in option && option.choices !== undefined) parts.push(option.choices.join(", "));
  if (option.unit !== undefined) parts.push(`in ${option.unit}`);
  if (option.required) parts.push("required");
  const byDefault = option.defaultWords ?? plainDefault(option);
  if (byDefault !== undefined) parts.push(`default ${byDefault}`);
  return parts.join("; ");
}

const placeholders = {
  string: "TEXT",
  path: "PATH",
  integer: "N",
  number: "X",
  choice: "NAME",
  list: "A,B,...",
} as const;

function groupOf({ option }: NamedOption): string {
  return option.group ?? "Options";
}

function plainDefault(option: AnyOption): string | undefined {
  if (option.default === undefined || option.kind === "boolean") return undefined;
  if (Array.isArray(option.default)) return option.default.length === 0 ? undefined : option.default.join(",");
  return String(option.default);
}

function positionalLines({ positionals }: CommandDefinition, width: number): string[] {
  return positionals === undefined ? [] : wrap(`${positionals.name}: ${positionals.doc}`, width, "      ");
}

/** The paragraphs, each with its first line further left than the others. */
function descriptionBlock({ description = [] }: CommandDefinition, width: number): string[][] {
  if (description.length === 0) return [];
  return [["Details", ...description.flatMap((text) => hanging(text, width))]];
}

function hanging(text: string, width: number): string[] {
  const [first, ...others] = wrap(text, width, "      ");
  return [`  ${first!.trimStart()}`, ...others];
}

function optionLines(options: readonly NamedOption[], width: number): string[] {
  const column = 28;
  return options.flatMap((named) => {
    const values = valueWords(named);
    const standard = Object.values(standardOptions).includes(named.option as never);
    const env = standard ? "" : ` [${named.env}]`;
    const words = `${named.option.doc}${values === "" ? "" : ` (${values})`}${env}`;
    const flag = `  ${flagWords(named)}`;
    const lines = wrap(words, width, " ".repeat(column));
    return flag.length < column - 1
      ? [flag.padEnd(column) + lines[0]!.trimStart(), ...lines.slice(1)]
      : [flag, ...lines];
  });
}

/** Returns lines no wider than `width`, each with the indent; words are never cut. */
export function wrap(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, indent + line];
}
