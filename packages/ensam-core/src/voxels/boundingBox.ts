import type { Box } from "../geometry/index.ts";
import type { Grid } from "./grid.ts";

/**
 * The smallest box around the voxels that are inside, or undefined where none is.
 *
 * @param isInside  which values count; by default everything but 0
 */
export function boundingBox(grid: Grid, isInside: (value: number) => boolean = isNotZero): Box | undefined {
  const [depth, height, width] = grid.shape;
  const { data } = grid;
  let [zMin, yMin, xMin] = [depth, height, width];
  let [zMax, yMax, xMax] = [-1, -1, -1];
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      const row = (z * height + y) * width;
      let first = 0;
      while (first < width && !isInside(data[row + first]!)) first++;
      if (first === width) continue;
      let last = width - 1;
      while (!isInside(data[row + last]!)) last--;
      if (z < zMin) zMin = z;
      if (y < yMin) yMin = y;
      if (first < xMin) xMin = first;
      zMax = z;
      if (y > yMax) yMax = y;
      if (last > xMax) xMax = last;
    }
  }
  return zMax < 0 ? undefined : { min: [zMin, yMin, xMin], max: [zMax + 1, yMax + 1, xMax + 1] };
}

function isNotZero(value: number): boolean {
  return value !== 0;
}
