import {
  type Box,
  boxShape,
  type Frame,
  growBox,
  intersectBoxes,
  isInside,
  type Prompts,
  poolingFactors,
  turnZyx,
  uniteBoxes,
  type Zyx,
} from "../geometry/index.ts";

/** A crop in which to look at an object again, and why. */
export interface Look {
  /** Its mask is cut off by the crop (zoom out), or it was seen with fewer details than it could be (zoom in). */
  readonly why: "wider" | "finer";
  /** Half-open, inside the image. */
  readonly crop: Box;
}

/** An object touches a side of its crop if its area there is at least this share of its largest parallel section. */
const touchingShare = 0.1;
/** A wider crop grows on the touched sides by this share of its extent, and by at least so many voxels. */
const growth = { share: 0.5, least: 16 };
/** Voxels around the object in a finer crop: the most that makes the cells smaller. The first is what boxes get. */
const finerMargins = [32, 16, 8] as const;

/**
 * Where to look at an object next: in a wider crop, where its mask touches a side of the crop that is not the image's;
 * else in a finer one, where the crop was pooled and a crop around the mask and the prompts has smaller cells; else
 * nowhere. An object without box is looked at finer only if `finerWithoutBox`: a model that has to guess an object's
 * size from its crop guesses it smaller there.
 *
 * After the two-step looks of other interactive models (RAPS-3D, arXiv 2507.07730; nnInteractive's zoom); the paper has
 * none.
 *
 * @param logits   of the object, [D, H, W] of `frame.shape`
 * @param prompts  in voxels of the turned image, as the frame's crop is
 * @returns        a crop of the turned image
 */
export function nextLook(
  frame: Frame,
  logits: Float32Array,
  prompts: Prompts,
  maxVoxels: number,
  finerWithoutBox = false,
): Look | undefined {
  const found = sectionsOf(frame, logits);
  if (found === undefined) return undefined;
  const wider = widerLook(frame, found.sections);
  if (wider !== undefined || (prompts.box === undefined && !finerWithoutBox)) return wider;
  return finerLook(frame, found.box, prompts, maxVoxels);
}

/** Cells above zero in each plane of cells along each axis, and the voxels they span. */
function sectionsOf(frame: Frame, logits: Float32Array): { sections: Uint32Array[]; box: Box } | undefined {
  const { content, shape, crop, pooling } = frame;
  const sections = content.map((cells) => new Uint32Array(cells));
  const [alongZ, alongY, alongX] = sections as [Uint32Array, Uint32Array, Uint32Array];
  for (let z = 0; z < content[0]; z++) {
    for (let y = 0; y < content[1]; y++) {
      const row = (z * shape[1] + y) * shape[2];
      for (let x = 0; x < content[2]; x++) {
        if (!(logits[row + x]! > 0)) continue;
        alongZ[z]!++;
        alongY[y]!++;
        alongX[x]!++;
      }
    }
  }
  const first = sections.map((cells) => cells.findIndex((count) => count > 0)) as unknown as Zyx;
  if (first[0] < 0) return undefined;
  const last = sections.map((cells) => cells.findLastIndex((count) => count > 0)) as unknown as Zyx;
  const min = each((axis) => crop.min[axis] + first[axis] * pooling[axis]);
  const max = each((axis) => Math.min(crop.min[axis] + (last[axis] + 1) * pooling[axis], crop.max[axis]));
  return { sections, box: { min, max } };
}

function widerLook({ crop, turn, imageShape }: Frame, sections: readonly Uint32Array[]): Look | undefined {
  const whole = turnZyx(turn, imageShape);
  const size = boxShape(crop);
  const steps = [0, 1, 2].map((axis) => {
    const cells = sections[axis]!;
    const limit = touchingShare * cells.reduce((a, b) => Math.max(a, b), 0);
    const step = Math.max(growth.least, Math.ceil(growth.share * size[axis]!));
    const touches = (cell: number, isEnd: boolean) => !isEnd && cells[cell]! > 0 && cells[cell]! >= limit;
    return {
      low: touches(0, crop.min[axis] === 0) ? step : 0,
      high: touches(cells.length - 1, crop.max[axis] === whole[axis]) ? step : 0,
    };
  });
  if (steps.every(({ low, high }) => low === 0 && high === 0)) return undefined;
  const sides = (of: "low" | "high") => steps.map((step) => step[of]) as unknown as Zyx;
  return { why: "wider", crop: growBox(crop, { low: sides("low"), high: sides("high") }, whole) };
}

function finerLook(
  { crop, pooling, turn, imageShape }: Frame,
  found: Box,
  { box, clicks }: Prompts,
  maxVoxels: number,
): Look | undefined {
  const cell = product(pooling);
  if (cell === 1) return undefined;
  let seen = box === undefined ? found : uniteBoxes(found, box);
  for (const { at, foreground } of clicks) {
    if (foreground && !isInside(seen, at)) seen = uniteBoxes(seen, { min: at, max: [at[0] + 1, at[1] + 1, at[2] + 1] });
  }
  for (const margin of finerMargins) {
    const finer = intersectBoxes(growBox(seen, margin, turnZyx(turn, imageShape)), crop)!; // What is seen is enough.
    if (product(poolingFactors(boxShape(finer), maxVoxels)) < cell) return { why: "finer", crop: finer };
  }
  return undefined;
}

function product([a, b, c]: Zyx): number {
  return a * b * c;
}

function each(value: (axis: 0 | 1 | 2) => number): Zyx {
  return [value(0), value(1), value(2)];
}
