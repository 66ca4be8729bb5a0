import { renderSchemas } from "../rows/index.ts";
import type { Command, CommandDefinition, CommandSpec } from "./commandSpec.ts";
import { type StandardOptions, standardOptions } from "./commonOptions.ts";
import { completionScript } from "./completion.ts";
import { createContext } from "./context.ts";
import { errorText, exitCodeOf } from "./errorReport.ts";
import { exitCodes, ReaderLeft, UsageError } from "./errors.ts";
import { renderHelp } from "./helpText.ts";
import type { AnyOption } from "./optionTable.ts";
import { parseOptions } from "./parseOptions.ts";
import { createRowWriter } from "./rowWriter.ts";
import type { Main, Streams } from "./streams.ts";
import { packageVersion } from "./version.ts";

/**
 * Returns a command made from its option table: it parses, answers --help, --version, --schema and --completion,
 * runs, and turns every error into one line and an exit code. It never calls process.exit.
 */
export function defineCommand<Options extends object>(spec: CommandSpec<Options>): Command {
  const definition: CommandDefinition = {
    ...spec,
    options: spec.options as unknown as Readonly<Record<string, AnyOption>>,
  };
  const main: Main = async (argv, streams) => {
    const debug = argv.includes("--debug");
    try {
      return await runOnce(spec, definition, argv, streams);
    } catch (error) {
      return reportError(spec.name, error, streams, debug);
    }
  };
  return Object.assign(main, { definition });
}

async function runOnce<Options extends object>(
  spec: CommandSpec<Options>,
  definition: CommandDefinition,
  argv: readonly string[],
  streams: Streams,
): Promise<number> {
  const rows = createRowWriter(streams.output);
  if (asksForHelp(argv)) {
    // Before the parser is loaded: help should come at once, and help is right even beside a wrong flag.
    await rows.writeText(renderHelp(definition, streams.outputIsTty ? streams.columns : undefined));
    return exitCodes.done;
  }
  const table = { ...definition.options, ...standardOptions };
  const parsed = await parseStandardFirst(table, argv, streams, definition.insteadOf);
  if (typeof parsed === "string") {
    await rows.writeText(await answer(parsed, definition));
    return exitCodes.done;
  }
  const { options, origins, positionals } = parsed;
  refusePositionals(definition, positionals);
  const { quiet, debug, config } = options as unknown as StandardOptions;
  const context = createContext<Options>({
    name: spec.name,
    options: pick(options, definition.options) as unknown as Options,
    origins: pick(origins, definition.options) as never,
    positionals,
    ...(config !== undefined && { config }),
    quiet,
    debug,
    streams,
    rows,
  });
  return spec.run(context);
}

function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  const flags = end < 0 ? argv : argv.slice(0, end);
  return flags.includes("--help") || flags.includes("-h");
}

type Question = "version" | "schema" | `completion:${"bash" | "zsh" | "fish"}`;

/** Returns the parsed options, or which of the questions about the command was asked; those need no other options. */
async function parseStandardFirst(
  table: Readonly<Record<string, AnyOption>>,
  argv: readonly string[],
  streams: Streams,
  insteadOf: CommandDefinition["insteadOf"],
) {
  const asks = argv.some((word) => /^--(version|schema|completion)\b/.test(word));
  const relaxed = asks
    ? Object.fromEntries(Object.entries(table).map(([key, option]) => [key, { ...option, required: false }]))
    : table;
  const parsed = await parseOptions(
    relaxed as Readonly<Record<string, AnyOption>>,
    argv,
    streams.env,
    streams.cwd,
    insteadOf,
  );
  const { version, schema, completion } = parsed.options as unknown as StandardOptions;
  if (version) return "version" as Question;
  if (schema) return "schema" as Question;
  return completion === undefined ? parsed : (`completion:${completion}` as Question);
}

async function answer(question: Question, definition: CommandDefinition): Promise<string> {
  if (question === "version") return `${definition.name} ${packageVersion()}\n`;
  if (question === "schema") return renderSchemas([...(definition.reads ?? []), ...(definition.writes ?? [])]);
  return completionScript(definition, question.slice("completion:".length) as "bash" | "zsh" | "fish");
}

function refusePositionals({ positionals }: CommandDefinition, values: readonly string[]): void {
  if (positionals === undefined && values.length > 0) {
    throw new UsageError(`${values[0]}: expected only options, got an argument (see --help)`);
  }
  if (positionals?.many === false && values.length > 1) {
    throw new UsageError(`${values[1]}: expected one ${positionals.name}, got ${values.length}`);
  }
}

function pick(values: Readonly<Record<string, unknown>>, table: Readonly<Record<string, AnyOption>>) {
  return Object.fromEntries(Object.keys(table).map((key) => [key, values[key]]));
}

/** Prints one line for an error (a stack trace only for --debug) and returns its exit code. */
function reportError(name: string, error: unknown, streams: Streams, debug: boolean): number {
  const code = exitCodeOf(error);
  if (error instanceof ReaderLeft) return code;
  if (!streams.error.destroyed) streams.error.write(errorText(name, error, debug));
  return code;
}
