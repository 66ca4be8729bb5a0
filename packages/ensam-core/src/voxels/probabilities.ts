import { inverseTurn, turnZyx, voxelCount } from "../geometry/index.ts";
import type { FramedLogits } from "./framedLogits.ts";
import type { Grid } from "./grid.ts";
import { logitRows } from "./logitRows.ts";
import { turnGrid } from "./turnGrid.ts";

/** The probability of an object at each voxel of the image, as stored: the sigmoid of its interpolated logits; 0 outside of the crop. */
export function probabilitiesOf({ frame, logits }: FramedLogits): Grid<Float32Array> {
  const { crop, turn, imageShape } = frame;
  const shape = turnZyx(turn, imageShape);
  const rows = logitRows(frame, logits);
  const data = new Float32Array(voxelCount(shape));
  const row = new Float64Array(crop.max[2] - crop.min[2]);
  for (let z = crop.min[0]; z < crop.max[0]; z++) {
    for (let y = crop.min[1]; y < crop.max[1]; y++) {
      rows.read(z, y, crop.min[2], crop.max[2], row);
      const start = (z * shape[1] + y) * shape[2] + crop.min[2];
      for (let x = 0; x < row.length; x++) data[start + x] = 1 / (1 + Math.exp(-row[x]!));
    }
  }
  return turnGrid({ data, shape }, inverseTurn(turn));
}
