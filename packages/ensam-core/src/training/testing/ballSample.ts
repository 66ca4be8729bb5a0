import { randomStream, voxelCount, type Zyx } from "../../voxels/index.ts";
import type { Sample } from "../sample/index.ts";

/** A sample of a bright ball in noise, with the ball's box; the last two voxels of each axis are padding. */
export function ballSample(shape: Zyx = [16, 16, 16], seed = 1): Sample {
  const random = randomStream(seed, "ball");
  const content: Zyx = [shape[0] - 2, shape[1] - 2, shape[2] - 2];
  const volume = new Float32Array(voxelCount(shape));
  const target = new Uint8Array(volume.length);
  const radius = 4;
  const centre = content.map((size) => Math.floor(size / 2));
  for (let z = 0; z < content[0]; z++) {
    for (let y = 0; y < content[1]; y++) {
      for (let x = 0; x < content[2]; x++) {
        const inside = Math.hypot(z - centre[0]!, y - centre[1]!, x - centre[2]!) <= radius;
        const i = (z * shape[1] + y) * shape[2] + x;
        target[i] = inside ? 1 : 0;
        volume[i] = (inside ? 0.7 : 0.2) + random.uniform(0, 0.2);
      }
    }
  }
  const edge = (offset: number) => centre.map((c) => c + offset) as unknown as Zyx;
  return {
    volume,
    target,
    shape,
    content,
    box: { min: edge(-radius), max: edge(radius + 1) },
    label: 1,
    crop: { min: [0, 0, 0], max: content },
    pooling: [1, 1, 1],
    flips: [false, false, false],
  };
}
