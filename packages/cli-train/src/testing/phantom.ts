import { join } from "node:path";
import { writeChallengeCase } from "@ensam/core/files";
import { randomStream, voxelCount, type Zyx } from "@ensam/core/voxels";

/** The case row of a small made case whose npz is written beside: a bright ball (label 2) in noise. */
export async function writePhantom(folder: string, name: string, shape: Zyx = [10, 12, 11]): Promise<object> {
  const random = randomStream(1, name);
  const imgs = new Uint8Array(voxelCount(shape));
  const gts = new Uint8Array(imgs.length);
  const centre = shape.map((size) => size / 2 + random.uniform(-1, 1));
  let voxels = 0;
  for (let i = 0; i < imgs.length; i++) {
    const at = [Math.floor(i / (shape[1] * shape[2])), Math.floor(i / shape[2]) % shape[1], i % shape[2]];
    const inside = Math.hypot(...at.map((value, axis) => value - centre[axis]!)) < 3.2;
    gts[i] = inside ? 2 : 0;
    voxels += inside ? 1 : 0;
    imgs[i] = (inside ? 160 : 40) + random.int(0, 40);
  }
  await writeChallengeCase(join(folder, `${name}.npz`), {
    imgs: { data: imgs, shape },
    gts: { data: gts, shape },
    spacing: [1, 1, 1],
  });
  return {
    type: "case",
    case: name,
    modality: "CT",
    dataset: "CT_phantom",
    npz: `${name}.npz`,
    shape,
    spacing: [1, 1, 1],
    labels: { "2": { voxels } },
  };
}
