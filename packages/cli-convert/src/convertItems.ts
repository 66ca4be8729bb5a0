import { basename, join, resolve } from "node:path";
import { type Context, InputError, readRows, resolvePath } from "@ensam/core/command";
import type { ConvertOptions } from "./options.ts";

/** A label map to convert: the npz that holds it, and the npz that says where it lies. */
export interface ConvertItem {
  readonly case: string;
  readonly dataset: string;
  readonly npz: string;
  readonly grid: string;
  /** Names by label. */
  readonly names: Readonly<Record<string, string>>;
}

/** The npz files among the arguments, then the rows of the other files (or of standard input, without arguments). */
export async function* convertItems(context: Context<ConvertOptions>): AsyncGenerator<ConvertItem> {
  const { options, positionals, streams } = context;
  const files = positionals.filter((name) => name.endsWith(".npz"));
  const folder = options.inputs === undefined ? undefined : resolve(streams.cwd, options.inputs);
  for (const file of files) {
    const npz = resolve(streams.cwd, file);
    const grid = folder === undefined ? npz : join(folder, basename(npz));
    yield { case: basename(npz, ".npz"), dataset: "converted", npz, grid, names: {} };
  }
  const rest = positionals.filter((name) => !name.endsWith(".npz"));
  if (files.length > 0 && rest.length === 0) return;
  for await (const { row, origin } of readRows(context, rest, ["prediction", "case"])) {
    const named = Object.entries(row.labels).flatMap(([label, { name }]) => (name ? [[label, name]] : []));
    const grid = resolvePath(origin, row.npz);
    const npz = row.type === "prediction" ? resolvePath(origin, row.prediction) : grid;
    yield { case: row.case, dataset: row.dataset, npz, grid, names: Object.fromEntries(named) };
  }
}

/** Two items of one name would write one file. */
export function refuseSameName(seen: Set<string>, { case: name }: ConvertItem): void {
  if (seen.has(name)) throw new InputError(`${name}: expected each case once, got this name again`);
  seen.add(name);
}
