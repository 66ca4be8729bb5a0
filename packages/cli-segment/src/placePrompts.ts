import { UsageError } from "@ensam/core/command";
import type { Click, PromptedObject } from "@ensam/core/inference";
import type { Box } from "@ensam/core/voxels";
import { boxAround, boxBetween, type PlacedGrid, voxelAt } from "./placePoints.ts";
import { hasName, isLabel, type RawPrompt } from "./rawPrompts.ts";

/** An object to segment, with a name if the user gave one. */
export interface NamedObject extends PromptedObject {
  readonly name?: string;
}

/**
 * The objects that the prompts are about, ascending by label, in voxels of the image. An object called by a number has
 * that label; names get the smallest free numbers in the order in which they appear. A point outside of the image, two
 * boxes for one object, or an object with background clicks only is a UsageError.
 *
 * @param note     told of a box that was cut at the image's border
 * @param started  labels that a mask shows already: background clicks alone are enough there
 */
export function placePrompts(
  grid: PlacedGrid,
  prompts: readonly RawPrompt[],
  namesByLabel: ReadonlyMap<number, string> = new Map(),
  note: (sentence: string) => void = () => {},
  started: ReadonlySet<number> = new Set(),
): NamedObject[] {
  if (prompts.length === 0)
    throw new UsageError("prompts: expected --box, --click or --prompts, got none (see --help)");
  const labels = labelsOf(prompts, namesByLabel);
  const found = new Map<number, { name?: string; box?: Box; clicks: Click[] }>();
  for (const { where, object, space, prompt } of prompts) {
    const label = labels.get(object)!;
    const name = namesByLabel.get(label) ?? (isLabel(object) || !hasName(object) ? undefined : object);
    const entry = found.get(label) ?? { ...(name !== undefined && { name }), clicks: [] };
    found.set(label, entry);
    if (prompt.kind === "click") {
      entry.clicks.push({ at: voxelAt(where, grid, prompt.at, space), foreground: prompt.foreground });
    } else {
      if (entry.box !== undefined) throw new UsageError(`${where}: expected one box for object ${label}, got a second`);
      entry.box =
        prompt.kind === "roi"
          ? boxAround(where, grid, prompt, space, note)
          : boxBetween(where, grid, prompt.corners, space, note);
    }
  }
  for (const [label, { box, clicks }] of found) {
    if (box !== undefined || started.has(label) || clicks.some((click) => click.foreground)) continue;
    throw new UsageError(`object ${label}: expected a box or a foreground click, got background clicks only`);
  }
  return [...found].sort(([a], [b]) => a - b).map(([label, entry]) => ({ label, ...entry }));
}

function labelsOf(prompts: readonly RawPrompt[], namesByLabel: ReadonlyMap<number, string>): Map<string, number> {
  const byName = new Map([...namesByLabel].map(([label, name]) => [name, label]));
  const keys = [...new Set(prompts.map((prompt) => prompt.object))];
  const taken = new Set([...keys.filter(isLabel).map(Number), ...namesByLabel.keys()]);
  let next = 1;
  const labels = new Map<string, number>();
  for (const key of keys) {
    const known = isLabel(key) ? Number(key) : byName.get(key);
    if (known === undefined) {
      while (taken.has(next)) next++;
      taken.add(next);
    }
    labels.set(key, known ?? next);
  }
  return labels;
}
