import type { RowType } from "../rows/index.ts";
import type { Context } from "./context.ts";
import type { AnyOption, OptionTable } from "./optionTable.ts";
import type { Main } from "./streams.ts";

export interface Example {
  readonly command: string;
  readonly doc: string;
}

/** The words and the option table of a command; help, docs and completion are made from it. */
export interface CommandDefinition {
  readonly name: string;
  readonly summary: string;
  /** Paragraphs on what it does in detail: in help after the options, on the documentation page before them. */
  readonly description?: readonly string[];
  /** Shown before anything else. */
  readonly examples: readonly Example[];
  /** What arguments that are not flags mean; without it there are none. */
  readonly positionals?: { readonly name: string; readonly doc: string; readonly many?: boolean };
  /** Row types read and written, for `--schema`. */
  readonly reads?: readonly RowType[];
  readonly writes?: readonly RowType[];
  readonly options: Readonly<Record<string, AnyOption>>;
  /** What to use instead of a flag that other tools have and this command has not; undefined for any other name. */
  readonly insteadOf?: (flag: string) => string | undefined;
}

/** A command: call it with arguments and streams; `definition` holds what it is documented from. */
export type Command = Main & { readonly definition: CommandDefinition };

export interface CommandSpec<Options extends object> extends Omit<CommandDefinition, "options"> {
  readonly options: OptionTable<Options>;
  run(context: Context<Options>): Promise<number>;
}
