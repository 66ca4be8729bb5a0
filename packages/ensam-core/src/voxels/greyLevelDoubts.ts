import type { GreyLevels } from "./greyLevels.ts";
import type { Grid } from "./grid.ts";

/** Fewer grey levels than this are next to nothing, where the image holds more values. */
const fewLevels = 8;
/**
 * A CT has air (-1000 HU) or at least fat (-100 HU) somewhere; one that begins at 0 and goes beyond this is none in HU.
 */
const highestOfWindowed = 300;

/**
 * What a user should hear about an image in grey levels, one sentence each: it is one grey level, few are left of many
 * values, its values are not what the rule is made for. Empty for an image that is as usual.
 */
export function greyLevelDoubts(image: Grid, { grid, rule }: GreyLevels): string[] {
  const levels = levelsIn(grid.data);
  if (levels === 1) return ["grey levels: every voxel is the same, so nothing can be seen"];
  const doubts: string[] = [];
  if (rule.rule === "allPercentiles" || rule.rule === "extremes") {
    const what = rule.rule === "extremes" ? "extremes of the voxels were" : "percentiles of all voxels were";
    doubts.push(`grey levels: nothing is left of the voxels above 0 alone, so the ${what} taken`);
  }
  if (levels < fewLevels && rule.rule !== "unchanged" && hasMoreValues(image.data, 2 * levels)) {
    const cause = rule.rule === "window" ? "the CT window leaves" : "clipping leaves";
    doubts.push(`grey levels: ${cause} ${levels} of more values; are they in the unit that is expected (CT: HU)?`);
  }
  if (rule.rule === "window") doubts.push(...doubtsAboutUnit(image));
  return doubts;
}

/** A CT without a value below 0 was most often stored with 1024 or 1000 added and its rescale intercept lost. */
function doubtsAboutUnit({ data }: Grid): string[] {
  let highest = -Infinity;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value < 0) return [];
    if (value > highest) highest = value;
  }
  if (highest <= highestOfWindowed) return [];
  return [
    `grey levels: no voxel is below 0, which a CT in HU has; the highest is ${highest} (values with 1024 added look like that)`,
  ];
}

function levelsIn(data: Uint8Array): number {
  const seen = new Uint8Array(256);
  for (let i = 0; i < data.length; i++) seen[data[i]!] = 1;
  return seen.reduce((sum, one) => sum + one, 0);
}

function hasMoreValues(data: Grid["data"], count: number): boolean {
  const values = new Set<number>();
  for (let i = 0; i < data.length && values.size <= count; i++) if (Number.isFinite(data[i])) values.add(data[i]!);
  return values.size > count;
}
