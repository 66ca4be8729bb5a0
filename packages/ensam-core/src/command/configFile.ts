import { UsageError } from "./errors.ts";
import { readJsonFile } from "./jsonText.ts";
import { suggestion } from "./nearestName.ts";
import type { NamedOption } from "./optionTable.ts";

/**
 * Returns the values of a JSON configuration file by option key. Keys are flags without dashes (`max-voxels`) or
 * their camelCase form (`maxVoxels`); an unknown key is an error that names the nearest known one.
 */
export async function readConfigFile(path: string, named: readonly NamedOption[]): Promise<Record<string, unknown>> {
  const content = optionsIn(asObject(path, await readJsonFile(path, UsageError)));
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(content)) {
    const known = named.find(({ key, flag }) => key === name || flag === name);
    if (known === undefined || known.key === "config") {
      const near = suggestion(
        name,
        named.map(({ flag }) => flag),
      );
      throw new UsageError(`${path}: expected known option names, got ${JSON.stringify(name)}${near}`);
    }
    if (value !== null) values[known.key] = value;
  }
  return values;
}

/** A run's own description (run.json) holds its options under `options`; any other file is the options. */
function optionsIn(content: Record<string, unknown>): Record<string, unknown> {
  const { type, options } = content;
  return type === "run" && typeof options === "object" && options !== null
    ? (options as Record<string, unknown>)
    : content;
}

function asObject(path: string, content: unknown): Record<string, unknown> {
  if (typeof content === "object" && content !== null && !Array.isArray(content)) {
    return content as Record<string, unknown>;
  }
  throw new UsageError(`${path}: expected a JSON object, got ${JSON.stringify(content)}`);
}
