import { relative } from "node:path";
import type { SegmentationRow } from "@ensam/core/command";

/** Returns what a person at a terminal wants to know: where the mask is, and how much of each object was found. */
export function resultLine({ mask, objects, seconds }: SegmentationRow, cwd: string): string {
  const found = objects.map(({ label, name, voxels, volumeMm3 }) => {
    const called = name === undefined ? `object ${label}` : `${name} (label ${label})`;
    return `${called} ${voxels.toLocaleString("en")} voxels, ${volumeWords(volumeMm3)}`;
  });
  const path = relative(cwd, mask);
  return `${path.startsWith("..") ? mask : path}: ${found.join("; ")}; ${seconds} s`;
}

function volumeWords(mm3: number): string {
  return mm3 < 1000 ? `${Number(mm3.toPrecision(3))} mm³` : `${Number((mm3 / 1000).toPrecision(3))} ml`;
}
