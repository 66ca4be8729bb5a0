import { InputError, type Modality } from "@ensam/core/command";
import { type LabelMap, labelBoxes } from "@ensam/core/voxels";

export interface LabelGrid {
  readonly gts: LabelMap;
  /** As in case rows: voxels and, where it has one, the name of each label. */
  readonly labels: Record<string, { voxels: number; name?: string }>;
  readonly notes: readonly string[];
  /** What a user should hear of in any case, one sentence each. */
  readonly warnings: readonly string[];
}

/** More objects than anatomy has names for (TotalSegmentator has 117); cells in microscopy may be many more. */
const mostNamed = 150;

/**
 * Returns a label map in the smallest of uint8, uint16, int32 and uint32 that holds it (labels over 255 never wrap),
 * with the count of each label. A map without any labelled voxel is an error: nothing can be learnt or scored on it.
 */
export function labelGrid(map: LabelMap, names: Readonly<Record<string, string>> = {}, modality?: Modality): LabelGrid {
  const found = labelBoxes(map);
  if (found.size === 0) throw new InputError("label: expected at least one labelled voxel, got none");
  const labels: LabelGrid["labels"] = {};
  for (const [label, { voxels }] of found) {
    const name = names[label];
    labels[label] = name ? { voxels, name } : { voxels };
  }
  const gts = narrowest(map, Math.max(...found.keys()));
  const absent = Object.keys(names).filter((label) => label !== "0" && !(label in labels));
  return {
    gts,
    labels,
    notes: [
      `labels: ${listing(labels)}`,
      ...(absent.length === 0 ? [] : [`labels named but without a voxel: ${absent.join(", ")}`]),
    ],
    warnings: doubtsAbout(map, labels, names, modality === "Microscopy"),
  };
}

/** Signs that a label map is not the one that was meant: labels without a name where others have one, an image in its place. */
function doubtsAbout(
  map: LabelMap,
  labels: LabelGrid["labels"],
  names: Readonly<Record<string, string>>,
  hasManyObjects: boolean,
): string[] {
  const doubts: string[] = [];
  const found = Object.keys(labels);
  const unnamed = found.filter((label) => names[label] === undefined);
  if (Object.keys(names).length > 0 && unnamed.length > 0) {
    const listed = unnamed.slice(0, 8).join(", ") + (unnamed.length > 8 ? ` and ${unnamed.length - 8} more` : "");
    doubts.push(`labels: the row's names lack ${listed}`);
  }
  const labelled = Object.values(labels).reduce((sum, { voxels }) => sum + voxels, 0);
  const isFull = labelled === map.data.length;
  if (isFull || (found.length > mostNamed && !hasManyObjects)) {
    const background = isFull ? " and no background" : "";
    doubts.push(`labels: ${found.length} of them${background}: is this a label map, or an image?`);
  }
  return doubts;
}

function narrowest(map: LabelMap, largest: number): LabelMap {
  const { data, shape } = map;
  const type =
    largest < 2 ** 8 ? Uint8Array : largest < 2 ** 16 ? Uint16Array : largest < 2 ** 31 ? Int32Array : Uint32Array;
  return data instanceof type ? map : { data: type.from(data), shape };
}

/** Returns the name of a label map's number type, such as "uint16". */
export function typeName({ data }: LabelMap): string {
  return data.constructor.name.replace("Array", "").toLowerCase();
}

function listing(labels: LabelGrid["labels"]): string {
  const entries = Object.entries(labels);
  const words = entries.slice(0, 8).map(([label, { voxels, name }]) => {
    return `${label}${name === undefined ? "" : ` ${name}`} (${voxels} voxels)`;
  });
  return entries.length > 8 ? `${words.join(", ")} and ${entries.length - 8} more` : words.join(", ");
}
