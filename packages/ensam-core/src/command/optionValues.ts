import { isAbsolute, resolve } from "node:path";
import { UsageError } from "./errors.ts";
import type { AnyOption } from "./optionTable.ts";

/**
 * Returns the value an option takes from raw texts (flag, environment) or JSON values (configuration file).
 *
 * @param where  what the error names: `--budget`, `ENSAM_BUDGET` or `config.json: budget`
 * @param folder the folder that relative paths start from
 */
export function optionValue(option: AnyOption, raw: unknown, where: string, folder: string): unknown {
  if (option.kind === "list") return listValue(option, raw, where, folder);
  const value = Array.isArray(raw) ? raw.at(-1) : raw; // A flag given twice: the last one counts.
  return scalarValue(option, value, where, folder);
}

function scalarValue(option: Exclude<AnyOption, { kind: "list" }>, raw: unknown, where: string, folder: string) {
  switch (option.kind) {
    case "boolean":
      return booleanValue(raw, where);
    case "integer":
    case "number":
      return numberValue(option, raw, where);
    case "choice": {
      const chosen = choiceFor(option.choices, raw);
      if (chosen !== undefined) return chosen;
      throw refuse(where, `one of ${option.choices.join(", ")}`, raw);
    }
    case "path":
      return option.words?.includes(raw as string) ? raw : pathValue(raw, where, folder);
    case "string": {
      if (typeof raw !== "string" && typeof raw !== "number") throw refuse(where, "text", raw);
      const text = String(raw);
      if (option.accepts?.(text) === false) throw refuse(where, option.expected ?? "another value", raw);
      return text;
    }
  }
}

function listValue(option: AnyOption & { kind: "list" }, raw: unknown, where: string, folder: string): unknown[] {
  const list: unknown[] = Array.isArray(raw) ? raw : [raw];
  const items =
    option.commas === false
      ? list
      : list.flatMap((item) => (typeof item === "string" ? item.split(",").filter((part) => part !== "") : [item]));
  return items.map((item) => {
    const value = itemValue(option.of, item, where, folder);
    if (option.choices === undefined) return value;
    const chosen = choiceFor(option.choices, value);
    if (chosen !== undefined) return chosen;
    throw refuse(where, `values out of ${option.choices.join(", ")}`, item);
  });
}

/** The choice that a value means; capitals do not matter (`--modality ct`). */
function choiceFor<Value>(choices: readonly Value[], raw: unknown): Value | undefined {
  const spelt = (value: unknown) => String(value).toLowerCase();
  return choices.find((choice) => choice === raw || (typeof raw === "string" && spelt(choice) === spelt(raw)));
}

function itemValue(kind: "string" | "path" | "integer" | "number", raw: unknown, where: string, folder: string) {
  if (kind === "path") return pathValue(raw, where, folder);
  if (kind !== "string") return numberValue({ kind }, raw, where);
  if (typeof raw === "string" || typeof raw === "number") return String(raw).trim();
  throw refuse(where, "a list of texts", raw);
}

function numberValue(option: { kind: "integer" | "number"; min?: number; max?: number }, raw: unknown, where: string) {
  const text = typeof raw === "string" ? raw.trim().replaceAll(/(?<=\d)_(?=\d)/g, "") : raw;
  const value = typeof text === "string" && text !== "" ? Number(text) : text;
  const fits =
    typeof value === "number" &&
    Number.isFinite(value) &&
    (option.kind === "number" || Number.isSafeInteger(value)) &&
    value >= (option.min ?? Number.NEGATIVE_INFINITY) &&
    value <= (option.max ?? Number.POSITIVE_INFINITY);
  if (fits) return value;
  throw refuse(where, numberWords(option), raw);
}

function numberWords({ kind, min, max }: { kind: string; min?: number; max?: number }): string {
  const noun = kind === "integer" ? "an integer" : "a number";
  if (min !== undefined && max !== undefined) return `${noun} from ${min} to ${max}`;
  if (min !== undefined) return `${noun} of at least ${min}`;
  return max === undefined ? noun : `${noun} of at most ${max}`;
}

function booleanValue(raw: unknown, where: string): boolean {
  if (typeof raw === "boolean") return raw;
  if (raw === "1" || raw === "true" || raw === "yes") return true;
  if (raw === "0" || raw === "false" || raw === "no") return false;
  throw refuse(where, "true or false", raw);
}

function pathValue(raw: unknown, where: string, folder: string): string {
  if (typeof raw !== "string" || raw === "") throw refuse(where, "a path", raw);
  return raw === "-" || isAbsolute(raw) ? raw : resolve(folder, raw);
}

function refuse(where: string, expected: string, got: unknown): UsageError {
  return new UsageError(`${where}: expected ${expected}, got ${JSON.stringify(got) ?? "nothing"}`);
}
