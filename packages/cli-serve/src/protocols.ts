import { itkSnap } from "./itksnap/routes.ts";
import { monaiLabel } from "./monailabel/routes.ts";
import { nnInteractive } from "./nninteractive/routes.ts";
import type { ServedSettings } from "./servedSettings.ts";
import type { Protocol } from "./viewerRequest.ts";

/** The protocols of these names, in the order in which they are asked whether a request is theirs. */
export function protocolsOf(names: readonly string[], settings: ServedSettings): Protocol[] {
  const known: readonly (readonly [string, (settings: ServedSettings) => Protocol])[] = [
    ["nninteractive", nnInteractive],
    ["monailabel", monaiLabel],
    ["itksnap", itkSnap],
  ];
  return known.flatMap(([name, make]) => (names.includes(name) ? [make(settings)] : []));
}
