import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readChallengeCase, readNpz, writeChallengeCase } from "@ensam/core/files";
import { voxelCount, type Zyx } from "@ensam/core/voxels";

const ballRadius = 3;

/**
 * The toy model that the official evaluator was run with (its rule is written down beside those files): boxes are
 * filled, a foreground click paints a ball, a background click removes one. It writes i + 1 for the i-th entry.
 */
export async function toyModel(folder: string): Promise<void> {
  const [file] = await readdir(join(folder, "inputs"));
  const path = join(folder, "inputs", file!);
  const archive = await readNpz(path);
  const { imgs, boxes = [], clicks, clicksOrder, prevPred } = await readChallengeCase(path);
  const shape = imgs!.shape;
  const data = archive.has("clicks") ? Uint8Array.from(prevPred!.data) : new Uint8Array(voxelCount(shape));
  const at = (z: number, y: number, x: number) => (z * shape[1] + y) * shape[2] + x;

  if (clicks === undefined) {
    for (const [i, box] of boxes.entries())
      for (let z = box.z_min; z <= box.z_max; z++)
        for (let y = box.z_mid_y_min; y <= box.z_mid_y_max; y++)
          for (let x = box.z_mid_x_min; x <= box.z_mid_x_max; x++) data[at(z, y, x)] = i + 1;
  }
  for (const [i, order] of (clicksOrder ?? []).entries()) {
    const kind = order.at(-1);
    if (kind == null) continue;
    const centre = clicks![i]![kind].at(-1)!;
    for (const [z, y, x] of ball(centre, shape)) {
      if (kind === "fg") data[at(z, y, x)] = i + 1;
      else if (data[at(z, y, x)] === i + 1) data[at(z, y, x)] = 0;
    }
  }
  await writeChallengeCase(join(folder, "outputs", file!), { segs: { data, shape } });
}

function ball([cz, cy, cx]: Zyx, shape: Zyx): Zyx[] {
  const voxels: Zyx[] = [];
  for (let z = Math.max(0, cz - ballRadius); z <= Math.min(shape[0] - 1, cz + ballRadius); z++)
    for (let y = Math.max(0, cy - ballRadius); y <= Math.min(shape[1] - 1, cy + ballRadius); y++)
      for (let x = Math.max(0, cx - ballRadius); x <= Math.min(shape[2] - 1, cx + ballRadius); x++)
        if ((z - cz) ** 2 + (y - cy) ** 2 + (x - cx) ** 2 <= ballRadius ** 2) voxels.push([z, y, x]);
  return voxels;
}
