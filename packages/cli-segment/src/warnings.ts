import type { Look, Merged } from "@ensam/core/inference";
import { type Box, type Grid, growBox, type LabelMap, maskOf, maskVoxels, type Zyx } from "@ensam/core/voxels";
import type { NamedObject } from "./placePrompts.ts";

/** How far around a click the image is looked at for structure, voxels. */
const lookAround = 5;

/** The likeliest cause of a mask elsewhere than its prompts. */
const axesWords = "are its axes swapped? Voxels are z,y,x, millimetres x,y,z";

/** What an object is called in sentences. */
function nameOf({ label, name }: Pick<NamedObject, "label" | "name">): string {
  return name === undefined ? `object ${label}` : `object ${label} (${name})`;
}

/** Up to so many objects are told one by one, with the voxels of the crop; the row has those of all. */
const toldAlone = 3;

/** Says which objects were looked at again, and why. */
export function lookWords(objects: readonly NamedObject[], looks: ReadonlyMap<number, readonly Look[]>): string[] {
  return (["wider", "finer"] as const).flatMap((why) => {
    const again = objects.flatMap((object) => {
      const last = looks.get(object.label)?.findLast((look) => look.why === why);
      return last === undefined ? [] : [{ object, crop: last.crop }];
    });
    if (again.length > toldAlone) {
      const reason = why === "wider" ? "their masks touch the border of what was looked at" : "they were seen pooled";
      const which = again.map(({ object }) => object.name ?? object.label).join(", ");
      return [`${again.length} objects: ${reason}; looked again in ${why} crops: ${which}`];
    }
    const reason = why === "wider" ? "its mask touches the border of what was looked at" : "it was seen pooled";
    return again.map(({ object, crop: { min, max } }) => {
      const voxels = `${min.join(",")} to ${max.map((end) => end - 1).join(",")}`;
      return `${nameOf(object)}: ${reason}; looked again in a ${why} crop, voxels ${voxels}`;
    });
  });
}

/** What a user should hear about the result, one sentence each: empty or doubtful masks with their likely causes. */
export function warningsAbout(image: Grid<Uint8Array>, objects: readonly NamedObject[], merged: Merged): string[] {
  return objects.flatMap((object) => {
    const called = nameOf(object);
    const clash = clashingClicks(called, object);
    const causes = isUniform(image, surroundings(object, image.shape))
      ? "the image is one grey level around its prompts: check their order (voxels z,y,x; millimetres x,y,z), or try another --window"
      : "check the order of the prompts (voxels z,y,x; millimetres x,y,z), --modality and --window, and whether the model was trained on such objects";
    if (merged.lost.includes(object.label)) return [...clash, `${called}: the mask is empty; ${causes}`];
    if (merged.rescued.includes(object.label)) {
      return [...clash, `${called}: the model saw nothing; the mask is its best guess near the prompt; ${causes}`];
    }
    return [...clash, ...missedClicks(called, object, merged.labels), ...missedBox(called, object, merged.labels)];
  });
}

/** What a user should hear about a model for these objects: clicks alone mean little to one that always had a box. */
export function doubtsAboutModel(objects: readonly NamedObject[], knowsClicksAlone: boolean | undefined): string[] {
  const without = objects.filter(({ box }) => box === undefined).map(({ label, name }) => name ?? String(label));
  if (knowsClicksAlone !== false || without.length === 0) return [];
  return [
    `the model was trained with a box for every object (--no-box 0): expect poor masks from clicks alone, and give boxes for ${without.join(", ")}`,
  ];
}

/** Voxels with a click inside and one outside: any mask contradicts one of the two. */
function clashesOf({ clicks }: NamedObject): Set<string> {
  const voxels = (foreground: boolean) =>
    clicks.filter((click) => click.foreground === foreground).map(({ at }) => at.join(","));
  const outside = new Set(voxels(false));
  return new Set(voxels(true).filter((voxel) => outside.has(voxel)));
}

function clashingClicks(called: string, object: NamedObject): string[] {
  const clashes = [...clashesOf(object)];
  if (clashes.length === 0) return [];
  const more = clashes.length > 3 ? ` and ${clashes.length - 3} more` : "";
  return [
    `${called}: a click inside (fg) and one outside (bg) are on the same voxel (${clashes.slice(0, 3).join("; ")}${more}): no mask can follow both, take one back`,
  ];
}

/** Clicks that the mask contradicts and need not: another click there may help. */
function missedClicks(called: string, object: NamedObject, { data, shape }: LabelMap): string[] {
  const { label, clicks } = object;
  const clashes = clashesOf(object);
  const missed = clicks.filter(({ at: [z, y, x], foreground }) => {
    if (clashes.has([z, y, x].join())) return false;
    return (data[(z * shape[1] + y) * shape[2] + x] === label) !== foreground;
  });
  if (missed.length === 0) return [];
  const places = missed.slice(0, 3).map(({ at, foreground }) => `${at.join(",")} ${foreground ? "fg" : "bg"}`);
  const all = clicks.length === 1 ? "its only click" : `${missed.length} of ${clicks.length} clicks`;
  return [
    `${called}: the mask contradicts ${all} (${places.join("; ")}): ${axesWords}; else another click there may help`,
  ];
}

/** A mask that is mostly somewhere else than its box. */
function missedBox(called: string, { label, box }: NamedObject, labels: LabelMap): string[] {
  if (box === undefined) return [];
  const inside = maskVoxels(maskOf(labels, label, box));
  let all = 0;
  for (let i = 0; i < labels.data.length; i++) if (labels.data[i] === label) all++;
  return 2 * inside >= all
    ? []
    : [
        `${called}: more than half of the mask lies outside of its box (${all - inside} of ${all} voxels): ${axesWords}; else a click outside (bg) may help`,
      ];
}

function surroundings({ box, clicks }: NamedObject, shape: Zyx): Box {
  if (box !== undefined) return box;
  const first = clicks.find((click) => click.foreground) ?? clicks[0]!;
  const [z, y, x] = first.at;
  return growBox({ min: [z, y, x], max: [z + 1, y + 1, x + 1] }, lookAround, shape);
}

function isUniform({ data, shape }: Grid, { min, max }: Box): boolean {
  const first = data[(min[0] * shape[1] + min[1]) * shape[2] + min[2]];
  for (let z = min[0]; z < max[0]; z++)
    for (let y = min[1]; y < max[1]; y++)
      for (let x = min[2]; x < max[2]; x++) if (data[(z * shape[1] + y) * shape[2] + x] !== first) return false;
  return true;
}
