import type { CommandDefinition } from "./commandSpec.ts";
import { standardOptions } from "./commonOptions.ts";
import { exitCodeMeanings } from "./errors.ts";
import { flagWords, optionGroups, usageLine, valueWords } from "./helpText.ts";
import { packageVersion } from "./version.ts";

/**
 * Returns the manual page (section 1, man macros of groff and mandoc) of a command, from the same table as its help.
 *
 * @param related  names of commands for SEE ALSO
 */
export function renderMan(command: CommandDefinition, related: readonly string[] = []): string {
  const { name, summary, description = [], examples, positionals } = command;
  const [program, ...rest] = usageLine(command).split(" ");
  const standard = new Set<unknown>(Object.values(standardOptions));
  return manPage(name, summary, [
    ["SYNOPSIS", [`.B ${manText(program!)}`, manLine(rest.join(" "))]],
    [
      "DESCRIPTION",
      [
        ...(positionals === undefined ? [] : [".TP", `.I ${manText(positionals.name)}`, manLine(positionals.doc)]),
        ...description.flatMap((words) => [".PP", manLine(words)]),
      ],
    ],
    [
      "OPTIONS",
      optionGroups(command).flatMap(({ title, options }) => [
        `.SS ${manText(title)}`,
        ...options.flatMap((named) => {
          const values = valueWords(named);
          const env = standard.has(named.option) || named.env === "" ? "" : ` [${named.env}]`;
          const words = `${named.option.doc}${values === "" ? "" : ` (${values})`}${env}`;
          return [".TP", `.B ${manText(flagWords(named))}`, manLine(words)];
        }),
      ]),
    ],
    ["EXIT STATUS", exitCodeMeanings.flatMap(([code, meaning]) => [".TP", `.B ${code}`, manLine(meaning)])],
    ["EXAMPLES", examples.flatMap(({ command: call, doc }) => exampleLines(call, doc))],
    ["SEE ALSO", related.length === 0 ? [] : [related.map((other) => `.BR ${manText(other)} (1)`).join("\n")]],
  ]);
}

/** Returns a manual page of sections of roff lines; empty sections are left out. */
export function manPage(name: string, summary: string, sections: readonly [title: string, lines: string[]][]): string {
  const head = [
    `.TH ${manText(name.toUpperCase())} 1 "" "ensam ${packageVersion()}" "ENSAM"`,
    ".SH NAME",
    `${manText(name)} \\- ${manText(summary)}`,
  ];
  const body = sections.flatMap(([title, lines]) => (lines.length === 0 ? [] : [`.SH ${title}`, ...lines]));
  return `${[...head, ...body].join("\n")}\n`;
}

/** A call as it is typed, with a sentence on it. */
export function exampleLines(call: string, doc: string): string[] {
  return [".PP", manLine(doc), ".PP", ".nf", ".RS", manLine(call), ".RE", ".fi"];
}

/** Text that roff prints as it is: hyphens stay the ones of a command line, backslashes are no requests. */
export function manText(words: string): string {
  return words.replaceAll("\\", "\\(rs").replaceAll("-", "\\-").replaceAll('"', "\\(dq").replaceAll("'", "\\(aq");
}

/** The same at the start of a line, where a dot would be a request. */
export function manLine(words: string): string {
  const escaped = manText(words);
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}
