import { UsageError } from "@ensam/core/command";
import type { Click, PromptedObject } from "@ensam/core/inference";
import type { Box } from "@ensam/core/voxels";
import { boxBetween, type PlacedGrid, voxelAt } from "./placePoints.ts";
import type { RawPrompt } from "./rawPrompts.ts";

/** An object to segment, with a name if the user gave one. */
export interface NamedObject extends PromptedObject {
  readonly name?: string;
}

/**
 * The objects that the prompts are about, ascending by label, in voxels of the image. An object called by a number has
 * that label; names get the smallest free numbers in the order in which they appear. A point outside of the image, two
 * boxes for one object, or an object with background clicks only is a UsageError.
 *
 * @param note told of a box that was cut at the image's border
 */
export function placePrompts(
  grid: PlacedGrid,
  prompts: readonly RawPrompt[],
  namesByLabel: ReadonlyMap<number, string> = new Map(),
  note: (sentence: string) => void = () => {},
): NamedObject[] {
  if (prompts.length === 0)
    throw new UsageError("prompts: expected --box, --click or --prompts, got none (see --help)");
  const labels = labelsOf(prompts, namesByLabel);
  const found = new Map<number, { name?: string; box?: Box; clicks: Click[] }>();
  for (const { where, object, space, prompt } of prompts) {
    const label = labels.get(object)!;
    const name = namesByLabel.get(label) ?? (isNumber(object) ? undefined : object);
    const entry = found.get(label) ?? { ...(name !== undefined && { name }), clicks: [] };
    found.set(label, entry);
    if (prompt.kind === "click") {
      entry.clicks.push({ at: voxelAt(where, grid, prompt.at, space), foreground: prompt.foreground });
    } else {
      if (entry.box !== undefined)
        throw new UsageError(`${where}: expected one box for object ${object}, got a second`);
      entry.box = boxBetween(where, grid, prompt.corners, space, note);
    }
  }
  for (const [label, { box, clicks }] of found) {
    if (box !== undefined || clicks.some((click) => click.foreground)) continue;
    throw new UsageError(`object ${label}: expected a box or a foreground click, got background clicks only`);
  }
  return [...found].sort(([a], [b]) => a - b).map(([label, entry]) => ({ label, ...entry }));
}

function labelsOf(prompts: readonly RawPrompt[], namesByLabel: ReadonlyMap<number, string>): Map<string, number> {
  const byName = new Map([...namesByLabel].map(([label, name]) => [name, label]));
  const keys = [...new Set(prompts.map((prompt) => prompt.object))];
  const taken = new Set([...keys.filter(isNumber).map(Number), ...namesByLabel.keys()]);
  let next = 1;
  const labels = new Map<string, number>();
  for (const key of keys) {
    const known = isNumber(key) ? Number(key) : byName.get(key);
    if (known === undefined) {
      while (taken.has(next)) next++;
      taken.add(next);
    }
    labels.set(key, known ?? next);
  }
  return labels;
}

function isNumber(object: string): boolean {
  return /^[1-9]\d{0,8}$/.test(object);
}
