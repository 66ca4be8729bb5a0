import { type Context, UsageError } from "@ensam/core/command";
import type { CommandOptions, SegmentOptions } from "./options.ts";

/** The same context where images are segmented: then there has to be an output. */
export function imageContext(context: Context<CommandOptions>): Context<SegmentOptions> {
  if (context.options.output === undefined) throw new UsageError("--output: expected a value, got none (see --help)");
  return context as Context<CommandOptions & SegmentOptions>;
}
