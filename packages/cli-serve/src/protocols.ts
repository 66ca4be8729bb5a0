import { type NnInteractiveSettings, nnInteractive } from "./nninteractive/routes.ts";
import type { Protocol } from "./viewerRequest.ts";

/** The protocols of these names, in the order in which they are asked whether a request is theirs. */
export function protocolsOf(names: readonly string[], settings: NnInteractiveSettings): Protocol[] {
  const known: readonly (readonly [string, (settings: NnInteractiveSettings) => Protocol])[] = [
    ["nninteractive", nnInteractive],
  ];
  return known.flatMap(([name, make]) => (names.includes(name) ? [make(settings)] : []));
}
