import {
  type Box,
  boxMargin,
  boxOfChallenge,
  boxToGrid,
  type Frame,
  frameOf,
  gridMultiple,
  growBox,
  paddedShape,
  pooledShape,
  poolingFactors,
  voxelCount,
  wholeBox,
  type Zyx,
} from "../geometry/index.ts";
import { challengeBox, drawChallengeBox } from "../prompts/index.ts";
import {
  type Augmentation,
  augment,
  crop,
  drawAugmentation,
  type Grid,
  imageToGrid,
  type LabelMap,
  labelBoxes,
  maskToGrid,
  maxPool,
  padToMultiple,
  type RandomStream,
  type VoxelArray,
} from "../voxels/index.ts";

/** The arrays of one training case, on one grid. */
export interface CaseArrays {
  /** Intensities 0..255. */
  readonly imgs: Grid<Uint8Array>;
  readonly gts: LabelMap;
  /** Voxel size, mm along (z, y, x), where it is known. */
  readonly spacing?: Zyx;
}

/** What a model asks of its grids: see `sampleNeeds` of the model; nothing if it does not differ from the paper's. */
export interface SampleNeeds {
  /** What every axis is a multiple of. @default 8 */
  readonly multiple?: number;
  /** Whether frames say how large voxels are, for positions in mm; those of cases that do not know it do not. @default false */
  readonly inMillimetres?: boolean;
}

export interface SampleOptions {
  /** Largest volume before padding, in voxels; bigger crops are max-pooled (paper: 256 * 128 * 128). */
  readonly maxVoxels: number;
  /** Share of samples that have no box, 0..1. */
  readonly noBox: number;
}

/** One instance of one case, ready for the model. */
export interface Sample {
  /** Where it lies in the image, and the shapes of its grid. */
  readonly frame: Frame;
  /** Intensities 0..1, zero-padded, [D, H, W] of `frame.shape`. */
  readonly volume: Float32Array;
  /** The instance, 0 or 1, on the same grid. */
  readonly target: Uint8Array;
  /** The box prompt in cells of the grid, half-open; absent in an episode without box. */
  readonly box?: Box;
  /** The same prompt as it was drawn, in voxels of the whole image. */
  readonly imageBox?: Box;
  /** What was done, for the log and for tests. */
  readonly label: number;
  readonly augmentation?: Augmentation;
}

/** Voxels of context around the instance, drawn for each of its six sides, ends included (ENSAM §3.2.3). */
const margins = { least: 1, most: 64 };

/**
 * A random instance of a case as a training sample: cropped with a random margin, max-pooled until it fits
 * `maxVoxels`, flipped, zero-padded to a multiple of 8, one random intensity change in half of the samples
 * (ENSAM §3.2.3). The box is drawn by the challenge's generator in voxels of the whole image, whose size decides how
 * far its sides move (§2.4), and then carried onto the sample's grid. The same stream gives the same sample.
 *
 * @throws RangeError when the label map has no object
 */
export function sample(arrays: CaseArrays, options: SampleOptions & SampleNeeds, random: RandomStream): Sample {
  const [label, extent] = randomInstance(arrays.gts, random);
  const side = () => random.int(margins.least, margins.most + 1);
  const low: Zyx = [side(), side(), side()];
  const high: Zyx = [side(), side(), side()];
  const coin = () => random.float() < 0.5;
  const flips = [coin(), coin(), coin()] as const;
  const hasBox = random.float() >= options.noBox;
  const drawnBox = boxOfChallenge(drawChallengeBox(arrays.gts, label, extent, random));
  const crop = growBox(extent, { low, high }, arrays.gts.shape);
  const frame = frameOf(arrays.gts.shape, crop, options.maxVoxels, { flips, ...needsOf(arrays, options) });
  const plain = framedSample(arrays, label, frame, hasBox ? drawnBox : undefined);
  const augmentation = drawAugmentation(random);
  if (augmentation === undefined) return plain;
  const { data } = augment({ data: plain.volume, shape: frame.shape }, augmentation);
  return { ...plain, volume: data, augmentation };
}

/**
 * One instance of a case as a validation sample: the margin of inference, pooled as in training, nothing random; the
 * box is the challenge's without shift.
 */
export function validationSample(
  arrays: CaseArrays,
  label: number,
  maxVoxels: number,
  { hasBox = true, ...needs }: SampleNeeds & { readonly hasBox?: boolean } = {},
): Sample {
  const extent = labelBoxes(arrays.gts).get(label)?.box;
  if (extent === undefined) throw new RangeError(`gts: expected label ${label}, got none of its voxels`);
  const { shape } = arrays.gts;
  const frame = frameOf(shape, growBox(extent, boxMargin, shape), maxVoxels, needsOf(arrays, needs));
  const box = hasBox ? boxOfChallenge(challengeBox(arrays.gts, label, 0, extent)!) : undefined;
  return framedSample(arrays, label, frame, box);
}

function needsOf(
  { spacing }: CaseArrays,
  { multiple, inMillimetres = false }: SampleNeeds,
): Pick<Frame, "multiple" | "spacing"> {
  return { ...(multiple !== undefined && { multiple }), ...(inMillimetres && spacing !== undefined && { spacing }) };
}

/** One instance through a frame, as inference sees it: nothing is changed but what the frame says. */
export function framedSample(arrays: CaseArrays, label: number, frame: Frame, imageBox?: Box): Sample {
  return {
    frame,
    volume: imageToGrid(arrays.imgs, frame).data,
    target: maskToGrid(arrays.gts, label, frame).data,
    label,
    ...(imageBox && { imageBox, box: boxToGrid(frame, imageBox) }),
  };
}

/**
 * The same sample at half the resolution of its two larger axes: what is tried when a step did not fit into memory.
 * Image and mask are max-pooled; the box is carried over, rounded outwards. Along a mirrored axis blocks begin at the
 * mirrored end, so there the frame's cells may lie up to a cell off.
 */
export function poolSample({ frame, volume, target, box, ...from }: Sample): Sample {
  const factors = poolingFactors(frame.content, voxelCount(frame.content) - 1);
  const content = pooledShape(frame.content, factors);
  const multiple = frame.multiple ?? gridMultiple;
  const pooled = <Data extends VoxelArray>(data: Data) =>
    padToMultiple(maxPool(crop<Data>({ data, shape: frame.shape }, wholeBox(frame.content)), factors), multiple).data;
  return {
    ...from,
    volume: pooled(volume),
    target: pooled(target),
    ...(box && {
      box: {
        min: eachAxis((axis) => Math.floor(box.min[axis] / factors[axis])),
        max: eachAxis((axis) => Math.ceil(box.max[axis] / factors[axis])),
      },
    }),
    frame: {
      ...frame,
      pooling: eachAxis((axis) => frame.pooling[axis] * factors[axis]),
      content,
      shape: paddedShape(content, multiple),
    },
  };
}

function randomInstance(gts: LabelMap, random: RandomStream): [label: number, extent: Box] {
  const objects = [...labelBoxes(gts)];
  const chosen = objects[random.int(0, Math.max(1, objects.length))];
  if (chosen === undefined) throw new RangeError("gts: expected at least one object, got only background");
  return [chosen[0], chosen[1].box];
}

function eachAxis(value: (axis: 0 | 1 | 2) => number): Zyx {
  return [value(0), value(1), value(2)];
}
