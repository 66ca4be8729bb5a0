import { type Context, forEachCase, UsageError } from "@ensam/core/command";
import { convertCase } from "./convertCase.ts";
import { convertItems, refuseSameName } from "./convertItems.ts";
import type { ConvertOptions } from "./options.ts";

/** Writes a mask and a label map row for every input, and returns the exit code. */
export async function convert(context: Context<ConvertOptions>): Promise<number> {
  const { options, rows } = context;
  rows.outlastReader(); // The masks are what was asked for.
  const seen = new Set<string>();
  const tally = await forEachCase(context, convertItems(context), {}, (item) => {
    refuseSameName(seen, item);
    if (options.image !== undefined && seen.size > 1)
      throw new UsageError("--image: expected one input beside it, got more");
    return convertCase(context, item);
  });
  return tally.exitCode;
}
