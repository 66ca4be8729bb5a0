import type { Context } from "@ensam/core/command";
import { terminalOf } from "./view/terminal.ts";

/** Set for the process that trains, so that it does not start another one. */
export const insideView = "ENSAM_INSIDE_VIEW";

/** What deciding and supervising need of ensam-train's options. */
export interface SupervisedOptions {
  readonly output?: string;
  readonly plain: boolean;
}

/**
 * Whether ensam-train should show the monitor: the rows or the notes would otherwise go to a terminal that can show it,
 * and nobody asked for plain lines.
 */
export function showsView({ options, streams, quiet, debug }: Context<SupervisedOptions>): boolean {
  if (options.plain || quiet || debug || options.output === undefined) return false;
  return streams.env[insideView] === undefined && terminalOf(streams.error, streams.env) !== undefined;
}
