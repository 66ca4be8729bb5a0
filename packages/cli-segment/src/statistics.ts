import type { SegmentationRow } from "@ensam/core/command";
import { type Affine, determinant, voxelToWorld } from "@ensam/core/geometry";
import { type Box, boxShape, type LabelMap, percentiles, type Volume } from "@ensam/core/voxels";

export type ObjectStatistics = NonNullable<SegmentationRow["objects"][number]["statistics"]>;

const percentages = [0, 5, 25, 50, 75, 95, 100];

/**
 * What a label's voxels measure: ml, size along the axes and centre of mass in mm, and the image's own values there
 * (HU, SUV, ...), of which those that are no finite number take no part. The deviation is the population's.
 *
 * @param extent  the label's bounding box
 * @param count   its voxels
 */
export function statisticsOf(
  { data, spacing }: Volume,
  affine: Affine,
  labels: LabelMap,
  label: number,
  extent: Box,
  count: number,
): ObjectStatistics {
  const Values = data.constructor as { new (length: number): typeof data };
  const values = new Values(count);
  const [, height, width] = labels.shape;
  const sum = [0, 0, 0];
  let taken = 0;
  let notFinite = 0;
  for (let z = extent.min[0]; z < extent.max[0]; z++) {
    for (let y = extent.min[1]; y < extent.max[1]; y++) {
      const row = (z * height + y) * width;
      for (let x = extent.min[2]; x < extent.max[2]; x++) {
        if (labels.data[row + x] !== label) continue;
        sum[0]! += z;
        sum[1]! += y;
        sum[2]! += x;
        const value = data[row + x]!;
        if (Number.isFinite(value)) values[taken++] = value;
        else notFinite++;
      }
    }
  }
  const finite = values.subarray(0, taken) as typeof data;
  const size = boxShape(extent);
  const { mean, deviation } = momentsOf(finite);
  const found = percentiles(finite, percentages) ?? [];
  const center = voxelToWorld(affine, [sum[0]! / count, sum[1]! / count, sum[2]! / count]);
  return {
    ml: rounded((count * Math.abs(determinant(affine))) / 1000),
    extentMm: [rounded(size[0] * spacing[0]), rounded(size[1] * spacing[1]), rounded(size[2] * spacing[2])],
    centerRas: [rounded(center[0]), rounded(center[1]), rounded(center[2])],
    mean: mean === undefined ? null : rounded(mean),
    standardDeviation: deviation === undefined ? null : rounded(deviation),
    percentiles: Object.fromEntries(found.map((value, i) => [String(percentages[i]), rounded(value)])),
    notFinite,
  };
}

/** Mean and standard deviation in two passes, which does not lose digits of large values. */
function momentsOf(values: ArrayLike<number>): { mean?: number; deviation?: number } {
  if (values.length === 0) return {};
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
