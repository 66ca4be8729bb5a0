import type { Zyx } from "../voxels/index.ts";
import { FileError } from "./fileError.ts";
import type { NpyArray } from "./pythonValues.ts";

/** A spacing in mm, both ways round: along (z, y, x), and as an npz file stores it, x first. */
export interface StoredSpacing {
  readonly spacing: Zyx;
  readonly storedSpacing: readonly [x: number, y: number, z: number];
}

/** The spacing in an npz member of three positive numbers x, y, z; anything else is a FileError. */
export function spacingOf(where: string, { data }: NpyArray): StoredSpacing {
  const [x = 0, y = 0, z = 0] = data;
  if (data.length !== 3 || ![x, y, z].every((mm) => mm > 0 && Number.isFinite(mm))) {
    throw new FileError(where, "three positive numbers (x, y, z in mm)", `[${Array.from(data).join(", ")}]`);
  }
  return { spacing: [z, y, x], storedSpacing: [x, y, z] };
}
