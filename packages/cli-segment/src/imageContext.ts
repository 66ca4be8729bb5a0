import { type Context, UsageError } from "@ensam/core/command";
import type { CommandOptions, SegmentOptions } from "./options.ts";

/** The same context where an image is segmented: then there has to be a model and an output. */
export function imageContext(context: Context<CommandOptions>): Context<SegmentOptions> {
  for (const flag of ["model", "output"] as const) {
    if (context.options[flag] === undefined) throw new UsageError(`--${flag}: expected a value, got none (see --help)`);
  }
  return context as Context<CommandOptions & SegmentOptions>;
}
