import { type AxisTurn, inverseTurn, noTurn, turnBox, turnVoxel, turnZyx } from "./axisTurn.ts";
import { type Box, boxShape, lastVoxel } from "./box.ts";
import { gridMultiple, paddedShape, pooledShape, poolingFactors } from "./pooling.ts";
import { mapPrompts, type Prompts } from "./prompts.ts";
import type { Zyx } from "./zyx.ts";

/**
 * How a part of an image becomes the grid that the model sees, the same in training and in use: its axes turned,
 * cropped, max-pooled to a voxel budget, in training mirrored, and padded at the high ends to multiples of eight (ENSAM
 * §3.2.3). Here are the shapes and the way of points and boxes; `voxels/framed.ts` has that of images, masks and
 * logits.
 */
export interface Frame {
  /** Shape of the whole image as it is stored, voxels. */
  readonly imageShape: Zyx;
  /** From the stored axes to those of the crop. */
  readonly turn: AxisTurn;
  /** The part that is looked at, half-open, voxels of the turned image. */
  readonly crop: Box;
  /** Voxels per cell along each axis: powers of two. */
  readonly pooling: Zyx;
  /** The axes along which cells run backwards. */
  readonly flips: AxisTurn["flips"];
  /** Shape of the crop after pooling, cells: the part of the grid that is not padding, from the low corner on. */
  readonly content: Zyx;
  /** Shape after padding, cells: what the model gets. */
  readonly shape: Zyx;
  /** What every axis of `shape` is a multiple of, where it is not `gridMultiple`. */
  readonly multiple?: number;
  /** Size of a voxel of the image as it is stored, mm along (z, y, x); only for models that take positions in mm. */
  readonly spacing?: Zyx;
}

/** Parts of a frame that change nothing unless they are given. */
export interface FrameOptions extends Pick<Frame, "multiple" | "spacing"> {
  readonly turn?: AxisTurn;
  readonly flips?: AxisTurn["flips"];
}

/**
 * The frame of a crop that fits into `maxVoxels` cells before padding.
 *
 * @param imageShape  of the image as it is stored
 * @param crop        half-open, voxels of the turned image
 * @throws RangeError when the crop is empty or leaves the image
 */
export function frameOf(
  imageShape: Zyx,
  crop: Box,
  maxVoxels: number,
  { turn = noTurn, flips = noTurn.flips, multiple, spacing }: FrameOptions = {},
): Frame {
  const shape = boxShape(crop);
  const outer = turnZyx(turn, imageShape);
  for (const axis of [0, 1, 2] as const) {
    if (shape[axis] < 1 || crop.min[axis] < 0 || crop.max[axis] > outer[axis]) {
      throw new RangeError(
        `frameOf: crop: expected a non-empty box inside [${outer}], got [${crop.min}] to [${crop.max}]`,
      );
    }
  }
  const pooling = poolingFactors(shape, maxVoxels);
  const content = pooledShape(shape, pooling);
  return {
    ...{ imageShape, turn, crop, pooling, flips, content },
    shape: paddedShape(content, multiple ?? gridMultiple),
    ...(multiple !== undefined && { multiple }),
    ...(spacing !== undefined && { spacing }),
  };
}

/** Size of a cell, mm along the grid's (z, y, x); undefined where the frame does not say how large voxels are. */
export function cellSize({ spacing, turn, pooling }: Frame): Zyx | undefined {
  if (spacing === undefined) return undefined;
  const turned = turnZyx(turn, spacing);
  return each((axis) => turned[axis] * pooling[axis]);
}

/** The cell that holds a voxel of the image; voxels outside of the crop go to the nearest cell. */
export function pointToGrid(frame: Frame, voxel: Zyx): Zyx {
  return mirrored(frame, cellOf(frame, turnVoxel(frame.turn, frame.imageShape, voxel)));
}

/** The cells that hold a voxel of a box of the image, half-open; the nearest ones of a box outside of the crop. */
export function boxToGrid(frame: Frame, box: Box): Box {
  const turned = turnBox(frame.turn, frame.imageShape, box);
  const low = cellOf(frame, turned.min);
  const high = cellOf(frame, lastVoxel(turned));
  const cells = { min: low, max: [high[0] + 1, high[1] + 1, high[2] + 1] as const };
  return turnBox({ ...noTurn, flips: frame.flips }, frame.content, cells);
}

/** Prompts in cells of the grid. */
export function promptsToGrid(frame: Frame, prompts: Prompts): Prompts {
  return mapPrompts(
    prompts,
    (point) => pointToGrid(frame, point),
    (box) => boxToGrid(frame, box),
  );
}

/** The voxels of the image that a cell stands for, half-open and cut at the crop's end. */
export function cellToImage(frame: Frame, cell: Zyx): Box {
  const { crop, pooling, turn, imageShape } = frame;
  const inOrder = mirrored(frame, cell);
  const min = each((axis) => crop.min[axis] + inOrder[axis] * pooling[axis]);
  const max = each((axis) => Math.min(min[axis] + pooling[axis], crop.max[axis]));
  return turnBox(inverseTurn(turn), turnZyx(turn, imageShape), { min, max });
}

/** The cell of a voxel of the turned image, before mirroring. */
function cellOf({ crop, pooling }: Frame, voxel: Zyx): Zyx {
  return each((axis) => {
    const inside = Math.min(Math.max(voxel[axis], crop.min[axis]), crop.max[axis] - 1);
    return Math.floor((inside - crop.min[axis]) / pooling[axis]);
  });
}

/** A cell counted from the other end of each mirrored axis. */
function mirrored({ flips, content }: Frame, cell: Zyx): Zyx {
  return turnVoxel({ ...noTurn, flips }, content, cell);
}

function each(value: (axis: 0 | 1 | 2) => number): Zyx {
  return [value(0), value(1), value(2)];
}
