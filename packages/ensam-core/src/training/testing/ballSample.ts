import { frameOf, voxelCount, wholeBox, type Zyx } from "../../geometry/index.ts";
import type { Sample } from "../../samples/index.ts";
import { randomStream } from "../../voxels/index.ts";

/**
 * A sample of a bright ball in noise, with the ball's box; the last two voxels of each axis are padding (shape:
 * multiples of 8).
 */
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
    frame: frameOf(content, wholeBox(content), voxelCount(shape)),
    volume,
    target,
    box: { min: edge(-radius), max: edge(radius + 1) },
    label: 1,
  };
}
