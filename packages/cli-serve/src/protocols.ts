import { itkSnap } from "./itksnap/routes.ts";
import { monaiLabel } from "./monailabel/routes.ts";
import { nnInteractive } from "./nninteractive/routes.ts";
import type { ServedSettings } from "./servedSettings.ts";
import { slicer0 } from "./slicer0/routes.ts";
import type { Protocol } from "./viewerRequest.ts";

/** The protocols of these names, in the order in which they are asked whether a request is theirs: 0.x leaves what has a lease to 2.x. */
export function protocolsOf(names: readonly string[], settings: ServedSettings): Protocol[] {
  const known: readonly (readonly [string, (settings: ServedSettings) => Protocol])[] = [
    ["slicer0", slicer0],
    ["nninteractive", nnInteractive],
    ["monailabel", monaiLabel],
    ["itksnap", itkSnap],
  ];
  return known.flatMap(([name, make]) => (names.includes(name) ? [make(settings)] : []));
}
