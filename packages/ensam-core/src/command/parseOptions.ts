import { dirname, resolve } from "node:path";
import { readConfigFile } from "./configFile.ts";
import { UsageError } from "./errors.ts";
import { suggestion } from "./nearestName.ts";
import { type AnyOption, type NamedOption, namedOptions } from "./optionTable.ts";
import { optionValue } from "./optionValues.ts";

/** Where the value of an option came from. */
export type Origin = "flag" | "environment" | "config" | "default";

export interface ParsedOptions {
  readonly options: Record<string, unknown>;
  readonly origins: Record<string, Origin>;
  readonly positionals: readonly string[];
}

/**
 * Returns the options of a command line, each from the first place that gives it: flag, ENSAM_* environment
 * variable, configuration file, default. Unknown flags and configuration keys are usage errors.
 *
 * @param insteadOf  what to use instead of an unknown flag, see `CommandDefinition`
 */
export async function parseOptions(
  table: Readonly<Record<string, AnyOption>>,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
  insteadOf?: (flag: string) => string | undefined,
): Promise<ParsedOptions> {
  const named = namedOptions(table);
  const { flags, positionals } = await parseFlags(named, argv, insteadOf);
  const configPath = configPathOf(flags, env, cwd);
  const config = configPath === undefined ? {} : await readConfigFile(configPath, named);
  const options: Record<string, unknown> = {};
  const origins: Record<string, Origin> = {};
  for (const { key, flag, env: variable, option } of named) {
    const take = (origin: Origin, raw: unknown, where: string, folder: string): void => {
      options[key] = optionValue(option, raw, where, folder);
      origins[key] = origin;
    };
    if (flags[flag] !== undefined) take("flag", flags[flag], `--${flag}`, cwd);
    else if (env[variable]) take("environment", env[variable], variable, cwd);
    else if (config[key] !== undefined) take("config", config[key], `${configPath}: ${flag}`, dirname(configPath!));
    else if (option.default !== undefined) take("default", option.default, `--${flag}`, cwd);
    else if (option.required) throw new UsageError(`--${flag}: expected a value, got none (see --help)`);
    else origins[key] = "default";
  }
  return { options, origins, positionals };
}

function configPathOf(flags: Record<string, unknown>, env: Readonly<Record<string, string | undefined>>, cwd: string) {
  const path = [flags.config].flat().at(-1) ?? env.ENSAM_CONFIG;
  return typeof path === "string" && path !== "" ? resolve(cwd, path) : undefined;
}

async function parseFlags(
  named: readonly NamedOption[],
  argv: readonly string[],
  insteadOf?: (flag: string) => string | undefined,
) {
  const { default: yargs } = await import("yargs");
  const parser = yargs(joinNegatives(named, argv))
    .help(false)
    .version(false)
    .locale("en")
    .exitProcess(false)
    .parserConfiguration({
      // `--no-box 0.2` is an option of its own, not the opposite of `--box`.
      "boolean-negation": false,
      "camel-case-expansion": false,
      "dot-notation": false,
      "greedy-arrays": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "strip-aliased": true,
    })
    .fail((message: string | undefined, error: Error | undefined) => {
      throw error instanceof UsageError ? error : new UsageError(missingValueWords(message ?? error?.message ?? ""));
    });
  for (const { flag, option } of named) {
    const shared = option.alias === undefined ? {} : { alias: option.alias };
    if (option.kind === "boolean") parser.option(flag, { ...shared, type: "boolean" });
    else if (option.kind === "list") parser.option(flag, { ...shared, type: "array", string: true, nargs: 1 });
    else parser.option(flag, { ...shared, type: "string", nargs: 1 });
  }
  const { _, $0, ...flags } = parser.parseSync() as Record<string, unknown>;
  refuseUnknown(Object.keys(flags), named, insteadOf);
  return { flags, positionals: (_ as readonly unknown[]).map(String) };
}

/**
 * Returns the words with negative numbers joined to their flags: yargs would take the value in `--click -68,185,391`
 * for flags of one letter. No flag of ours starts with a digit, so a word that does after its dash is a value wherever
 * the flag before it wants one.
 */
export function joinNegatives(named: readonly NamedOption[], argv: readonly string[]): string[] {
  const end = argv.indexOf("--");
  const wanting = new Set(
    named
      .filter(({ option }) => option.kind !== "boolean")
      .flatMap(({ flag, option }) => [`--${flag}`, `-${option.alias}`]),
  );
  const words: string[] = [];
  for (const [index, word] of argv.entries()) {
    const before = argv[index - 1];
    const isValue = /^-\.?\d/.test(word) && before !== undefined && wanting.has(before) && !(end >= 0 && index > end);
    if (isValue) words.push(`${words.pop()}=${word}`);
    else words.push(word);
  }
  return words;
}

function refuseUnknown(
  names: readonly string[],
  named: readonly NamedOption[],
  insteadOf: (flag: string) => string | undefined = () => undefined,
): void {
  const known = named.map(({ flag }) => flag);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const dashes = unknown.length === 1 ? "-" : "--";
  const instead = insteadOf(unknown);
  const hint = instead === undefined ? suggestion(unknown, known, "--") || " (see --help)" : `; ${instead}`;
  throw new UsageError(`${dashes}${unknown}: expected a known option${hint}`);
}

function missingValueWords(message: string): string {
  const match = /^Not enough arguments following: (.+)$/.exec(message);
  if (match === null) return message;
  const dashes = match[1]!.length === 1 ? "-" : "--";
  return `${dashes}${match[1]}: expected a value, got none`;
}
