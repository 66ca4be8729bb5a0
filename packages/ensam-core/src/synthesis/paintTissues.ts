import type { Grid, RandomStream } from "../voxels/index.ts";
import { roughField, smoothField } from "./smoothField.ts";
import type { Style } from "./style.ts";
import { drawSurroundings } from "./surroundings.ts";

/** What a tissue looks like: its mean and how it varies inside. */
interface Look {
  readonly mean: number;
  readonly broad: number;
  readonly fine: number;
  readonly white: number;
}

/** An object is drawn anew, a few times, while it is as bright as something in the background: some stay hard to see. */
const leastContrast = 0.1;
const contrastTries = 4;

/**
 * The signal of every voxel before it is measured: each label has an intensity and a texture of its own, the background
 * has several. About 0 to 1.
 */
export function paintTissues(
  { data, shape }: Grid<Int32Array>,
  style: Style,
  random: RandomStream,
): Grid<Float32Array> {
  const { tissues, count } = drawSurroundings(shape, random);
  const around = Array.from({ length: count }, () => look(style.isCutOut ? 0 : style.background(), style, random));
  const looks = looksByLabel(data, style, around, random);
  const longest = Math.max(...shape);
  const [broad, fine] = [smoothField(random), roughField(random)];
  const [broadScale, fineScale] = [random.uniform(2, 5) / longest, random.uniform(0.15, 0.5)];
  const out = new Float32Array(data.length);
  let index = 0;
  for (let z = 0; z < shape[0]; z++) {
    for (let y = 0; y < shape[1]; y++) {
      for (let x = 0; x < shape[2]; x++, index++) {
        const label = data[index]!;
        if (label === 0 && style.isCutOut) continue;
        const look = label === 0 ? around[tissues[index]!]! : looks.get(label)!;
        let value = look.mean + look.white * random.normal();
        if (look.broad > 0) value += look.broad * broad(z * broadScale, y * broadScale, x * broadScale);
        if (look.fine > 0) value += look.fine * fine(z * fineScale, y * fineScale, x * fineScale);
        out[index] = value;
      }
    }
  }
  if (style.membranes) stainBorders({ data, shape }, out, random.uniform(0.5, 1));
  return { data: out, shape };
}

function look(mean: number, { texture }: Style, random: RandomStream): Look {
  const part = () => random.float() ** 2;
  return { mean, broad: texture.broad * part(), fine: texture.fine * part(), white: texture.white * part() };
}

function looksByLabel(
  data: Int32Array,
  style: Style,
  around: readonly Look[],
  random: RandomStream,
): Map<number, Look> {
  const labels = [...new Set(data)].filter((label) => label !== 0).sort((a, b) => a - b);
  const isHidden = (mean: number) => around.some((other) => Math.abs(mean - other.mean) < leastContrast);
  const visible = () => {
    let mean = style.object();
    for (let i = 0; i < contrastTries && isHidden(mean); i++) mean = style.object();
    return mean;
  };
  // Cells of one kind look alike; organs do not.
  const shared = style.name === "Microscopy" ? visible() : undefined;
  const mean = () => (shared === undefined ? visible() : shared * random.uniform(0.75, 1.25));
  return new Map(labels.map((label) => [label, look(mean(), style, random)]));
}

/** Brightens voxels next to another label and takes the inside of the labelled ones down. */
function stainBorders({ data, shape }: Grid<Int32Array>, out: Float32Array, brightness: number): void {
  const [depth, height, width] = shape;
  let index = 0;
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, index++) {
        const label = data[index]!;
        const isBorder =
          (x + 1 < width && data[index + 1] !== label) ||
          (y + 1 < height && data[index + width] !== label) ||
          (z + 1 < depth && data[index + width * height] !== label);
        if (isBorder) out[index] = brightness;
        else if (label !== 0) out[index]! *= 0.3;
      }
    }
  }
}
