/**
 * The one typed table a command's options live in. Parsing, help, completion, configuration files, environment
 * variables and docs/commands/ are all made from it. A key of the options type without an entry does not compile.
 */
export type OptionTable<Options> = { readonly [Key in keyof Options]-?: OptionFor<Options[Key]> };

interface OptionWords {
  /** One sentence: what the option does. */
  readonly doc: string;
  /** Unit of the value, such as "mm" or "voxels". */
  readonly unit?: string;
  /** What stands for the value in help, such as "N" or "FILE". */
  readonly placeholder?: string;
  /** Heading under which help lists the option. @default "Options" */
  readonly group?: string;
  /** One letter, for `-j`. */
  readonly alias?: string;
  /**
   * Environment variable, "" for none; with the command's name where the flag is of another kind in another command
   * (ENSAM_SERVE_SESSIONS). @default ENSAM_ and the flag in capitals: ENSAM_MAX_VOXELS
   */
  readonly env?: string;
  /** The flag has to be given, in one of the four ways. */
  readonly required?: boolean;
  /** How help words the default, where the value itself would not say it. */
  readonly defaultWords?: string;
}

export interface StringOption extends OptionWords {
  readonly kind: "string";
  readonly default?: string;
  /** A rule for the text, and how it is worded after "expected". */
  readonly accepts?: (text: string) => boolean;
  readonly expected?: string;
}

/** A file or folder; the command receives it absolute. `-` stays as it is. */
export interface PathOption extends OptionWords {
  readonly kind: "path";
  readonly default?: string;
  /** Values that name no file; the command receives them as they are (`./builtin` is the file of that name). */
  readonly words?: readonly string[];
}

export interface NumberOption extends OptionWords {
  readonly kind: "integer" | "number";
  readonly default?: number;
  readonly min?: number;
  readonly max?: number;
}

export interface BooleanOption extends OptionWords {
  readonly kind: "boolean";
  readonly default?: boolean;
}

export interface ChoiceOption<Value extends string = string> extends OptionWords {
  readonly kind: "choice";
  readonly choices: readonly Value[];
  readonly default?: Value;
}

/** Several values: the flag repeated, or one value with commas. */
export interface ListOption<Value extends string | number = string | number> extends OptionWords {
  readonly kind: "list";
  readonly of: "string" | "path" | "integer" | "number";
  readonly choices?: readonly Value[];
  readonly default?: readonly Value[];
  /** `false` for values that contain commas themselves. @default true */
  readonly commas?: boolean;
}

export type AnyOption = StringOption | PathOption | NumberOption | BooleanOption | ChoiceOption | ListOption;

type OptionFor<Value> = Presence<Value> & KindFor<Exclude<Value, undefined>>;
type Presence<Value> = undefined extends Value
  ? { readonly required?: false }
  : { readonly default: Exclude<Value, undefined> } | { readonly required: true };
type KindFor<Value> = [Value] extends [boolean]
  ? BooleanOption
  : [Value] extends [number]
    ? NumberOption
    : [Value] extends [readonly (infer Item extends string | number)[]]
      ? ListOption<Item>
      : [Value] extends [string]
        ? string extends Value
          ? StringOption | PathOption
          : ChoiceOption<Value>
        : never;

/** An option with the names it goes by. */
export interface NamedOption {
  readonly key: string;
  readonly flag: string;
  readonly env: string;
  readonly option: AnyOption;
}

/** Returns the options of a table in its order, with flag (`max-voxels`) and environment variable. */
export function namedOptions(table: OptionTable<never> | Readonly<Record<string, AnyOption>>): NamedOption[] {
  return Object.entries(table as Readonly<Record<string, AnyOption>>).map(([key, option]) => {
    const flag = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const env = option.env ?? `ENSAM_${flag.replaceAll("-", "_").toUpperCase()}`;
    return { key, flag, env, option };
  });
}
