import { type Grid, voxelCount, type Zyx } from "../voxels/index.ts";
import type { LabelSource } from "./labelSource.ts";
import type { View } from "./view.ts";

/** The label at the centre of every part of a view's cells; outside of the map it is 0. Shape: cells times parts. */
export function sampleLabels({ labels, spacing }: LabelSource, view: View): Grid<Int32Array> {
  const { shape, parts, turn, centre, bend } = view;
  const fine: Zyx = [shape[0] * parts[0], shape[1] * parts[1], shape[2] * parts[2]];
  const step = [0, 1, 2].map((axis) => view.spacing[axis]! / parts[axis]!) as unknown as Zyx;
  const [depth, height, width] = labels.shape;
  const [bendZ, bendY, bendX] = bend.fields;
  const data = new Int32Array(voxelCount(fine));
  const isBent = bend.amplitude > 0;
  let index = 0;
  for (let k = 0; k < fine[0]; k++) {
    const cz = (k + 0.5 - fine[0] / 2) * step[0];
    for (let j = 0; j < fine[1]; j++) {
      const cy = (j + 0.5 - fine[1] / 2) * step[1];
      for (let i = 0; i < fine[2]; i++, index++) {
        const cx = (i + 0.5 - fine[2] / 2) * step[2];
        let [z, y, x] = [cz, cy, cx];
        if (isBent) {
          const [u, v, w] = [cz / bend.length, cy / bend.length, cx / bend.length];
          z += bend.amplitude * bendZ!(u, v, w);
          y += bend.amplitude * bendY!(u, v, w);
          x += bend.amplitude * bendX!(u, v, w);
        }
        const sz = Math.floor((centre[0] + turn[0]! * z + turn[1]! * y + turn[2]! * x) / spacing[0]);
        const sy = Math.floor((centre[1] + turn[3]! * z + turn[4]! * y + turn[5]! * x) / spacing[1]);
        const sx = Math.floor((centre[2] + turn[6]! * z + turn[7]! * y + turn[8]! * x) / spacing[2]);
        if (sz < 0 || sy < 0 || sx < 0 || sz >= depth || sy >= height || sx >= width) continue;
        data[index] = labels.data[(sz * height + sy) * width + sx]!;
      }
    }
  }
  return { data, shape: fine };
}
