import { type Grid, type LabelExtent, type LabelMap, labelBoxes, voxelCount, type Zyx } from "../voxels/index.ts";

/** An object needs this many voxels to be prompted for. */
const smallest = 6;
/** Labels with more of their voxels on the image's border than this part are pieces of something larger. */
const mostOnBorder = 0.12;
/** Objects that fill more of the image than this leave nothing to tell them from. */
const mostOfImage = 0.7;

/**
 * The objects worth prompting for, renumbered 1, 2, ... in the order of their labels: large enough, not cut off, not
 * filling the image. The focus is kept if at least one of its voxels is there.
 *
 * @returns the map, the label in `labels` of each new number, and whether the focus is among them
 */
export function keepObjects(
  { data, shape }: Grid<Int32Array>,
  focus: number,
): { labels: LabelMap; from: readonly number[]; hasFocus: boolean } {
  const border = borderCounts({ data, shape });
  const voxels = voxelCount(shape);
  const isWhole = (label: number, extent: LabelExtent) =>
    extent.voxels >= smallest &&
    extent.voxels <= mostOfImage * voxels &&
    (border.get(label) ?? 0) <= mostOnBorder * extent.voxels;
  const from = [...labelBoxes({ data, shape })]
    .filter(([label, extent]) => label === focus || isWhole(label, extent))
    .map(([label]) => label);
  const renumbered = new Map(from.map((label, i) => [label, i + 1]));
  const kept = from.length < 256 ? new Uint8Array(data.length) : new Uint16Array(data.length);
  for (let i = 0; i < data.length; i++) kept[i] = renumbered.get(data[i]!) ?? 0;
  return { labels: { data: kept, shape }, from, hasFocus: renumbered.has(focus) };
}

function borderCounts({ data, shape }: Grid<Int32Array>): Map<number, number> {
  const counts = new Map<number, number>();
  const last: Zyx = [shape[0] - 1, shape[1] - 1, shape[2] - 1];
  let index = 0;
  for (let z = 0; z <= last[0]; z++) {
    for (let y = 0; y <= last[1]; y++) {
      const isRowOnBorder = z === 0 || z === last[0] || y === 0 || y === last[1];
      const step = isRowOnBorder ? 1 : Math.max(1, last[2]);
      for (let x = 0; x <= last[2]; x += step) {
        const label = data[index + x]!;
        counts.set(label, (counts.get(label) ?? 0) + 1);
      }
      index += shape[2];
    }
  }
  return counts;
}
