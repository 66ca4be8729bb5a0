import { boxOfChallenge, challengeBox, drawChallengeBox } from "../../prompts/index.ts";
import {
  type Augmentation,
  augment,
  type Box,
  boxShape,
  crop,
  drawAugmentation,
  flip,
  type Grid,
  growBox,
  type LabelMap,
  labelBoxes,
  type Mask,
  maskOf,
  maxPool,
  padToMultiple,
  poolingFactors,
  type RandomStream,
  unitIntensities,
  type Zyx,
} from "../../voxels/index.ts";

/** The arrays of one training case, on one grid. */
export interface CaseArrays {
  /** Intensities 0..255. */
  readonly imgs: Grid<Uint8Array>;
  readonly gts: LabelMap;
}

export interface SampleOptions {
  /** Largest volume before padding, in voxels; bigger crops are max-pooled (paper: 256 * 128 * 128). */
  readonly maxVoxels: number;
  /** Share of samples that have no box, 0..1. */
  readonly noBox: number;
}

/** One instance of one case, ready for the model. */
export interface Sample {
  /** Intensities 0..1, zero-padded: prod(shape) values. */
  readonly volume: Float32Array;
  /** The instance, 0 or 1, on the same grid. */
  readonly target: Uint8Array;
  /** Every axis is a multiple of 8. */
  readonly shape: Zyx;
  /** The part that is not padding, from the low corner on. */
  readonly content: Zyx;
  /** The box prompt on this grid, half-open; absent in an episode without box. */
  readonly box?: Box;
  /** The same prompt as it was drawn, in voxels of the whole image. */
  readonly imageBox?: Box;
  /** What was done, for the log and for tests. */
  readonly label: number;
  readonly crop: Box;
  readonly pooling: Zyx;
  readonly flips: readonly [z: boolean, y: boolean, x: boolean];
  readonly augmentation?: Augmentation;
}

/** Voxels of context around the instance, drawn for each of its six sides, ends included (ENSAM §3.2.3). */
const margins = { least: 1, most: 64 };
/** Margin of a validation sample, the one the authors use at inference, in voxels. */
const validationMargin = 32;
/** Three halvings in the encoder. */
const gridMultiple = 8;

/**
 * A random instance of a case as a training sample: cropped with a random margin, max-pooled until it fits
 * `maxVoxels`, flipped, zero-padded to a multiple of 8, one random intensity change in half of the samples
 * (ENSAM §3.2.3). The box is drawn by the challenge's generator in voxels of the whole image, whose size decides how far
 * its sides move (§2.4), and then carried onto the sample's grid. The same stream gives the same sample.
 *
 * @throws RangeError when the label map has no object
 */
export function sample(arrays: CaseArrays, options: SampleOptions, random: RandomStream): Sample {
  const [label, extent] = randomInstance(arrays.gts, random);
  const side = () => random.int(margins.least, margins.most + 1);
  const low: Zyx = [side(), side(), side()];
  const high: Zyx = [side(), side(), side()];
  const box = growBox(extent, { low, high }, arrays.gts.shape);
  const pooled = pooledInstance(arrays, label, box, options.maxVoxels);

  const coin = () => random.float() < 0.5;
  const flips = [coin(), coin(), coin()] as const;
  const hasBox = random.float() >= options.noBox;
  const drawnBox = boxOfChallenge(drawChallengeBox(arrays.gts, label, extent, random));
  const imageBox = hasBox ? drawnBox : undefined;
  return finished({ ...pooled, label, crop: box, flips, imageBox, augmentation: drawAugmentation(random) });
}

/**
 * One instance of a case as a validation sample: margin 32, pooled as in training, nothing random; the box is the
 * challenge's without shift.
 */
export function validationSample(arrays: CaseArrays, label: number, maxVoxels: number, hasBox = true): Sample {
  const extent = labelBoxes(arrays.gts).get(label)?.box;
  if (extent === undefined) throw new RangeError(`gts: expected label ${label}, got none of its voxels`);
  const margin: Zyx = [validationMargin, validationMargin, validationMargin];
  const box = growBox(extent, { low: margin, high: margin }, arrays.gts.shape);
  const pooled = pooledInstance(arrays, label, box, maxVoxels);
  const imageBox = hasBox ? boxOfChallenge(challengeBox(arrays.gts, label, 0, extent)!) : undefined;
  return finished({ ...pooled, label, crop: box, flips: [false, false, false], imageBox });
}

/**
 * The same sample at half the resolution of its two larger axes: what is tried when a step did not fit into memory.
 * Image and mask are max-pooled; the box is carried over, rounded outwards.
 */
export function poolSample(from: Sample): Sample {
  const content = { min: [0, 0, 0] as Zyx, max: from.content };
  const image = crop<Float32Array>({ data: from.volume, shape: from.shape }, content);
  const mask = crop<Uint8Array>({ data: from.target, shape: from.shape }, content);
  const voxels = from.content[0] * from.content[1] * from.content[2];
  const factors = poolingFactors(from.content, voxels - 1);
  const pooled = maxPool(image, factors);
  const volume = padToMultiple(pooled, gridMultiple);
  const target = padToMultiple(maxPool(mask, factors), gridMultiple);
  return {
    ...from,
    volume: volume.data,
    target: target.data,
    shape: volume.shape,
    content: pooled.shape,
    ...(from.box && { box: pooledBox(from.box, { crop: content, pooling: factors }) }),
    pooling: eachAxis((axis) => from.pooling[axis]! * factors[axis]!),
  };
}

function randomInstance(gts: LabelMap, random: RandomStream): [label: number, extent: Box] {
  const objects = [...labelBoxes(gts)];
  const chosen = objects[random.int(0, Math.max(1, objects.length))];
  if (chosen === undefined) throw new RangeError("gts: expected at least one object, got only background");
  return [chosen[0], chosen[1].box];
}

interface Pooled {
  readonly image: Grid<Uint8Array>;
  readonly mask: Mask;
  readonly pooling: Zyx;
}

function pooledInstance(arrays: CaseArrays, label: number, box: Box, maxVoxels: number): Pooled {
  const pooling = poolingFactors(boxShape(box), maxVoxels);
  return {
    image: maxPool(crop(arrays.imgs, box), pooling),
    mask: maxPool(maskOf(arrays.gts, label, box), pooling),
    pooling,
  };
}

interface Drawn extends Pooled {
  readonly label: number;
  readonly crop: Box;
  readonly flips: readonly [boolean, boolean, boolean];
  readonly imageBox?: Box;
  readonly augmentation?: Augmentation;
}

function finished({ image, mask, ...drawn }: Drawn): Sample {
  const { flips, imageBox, augmentation } = drawn;
  const target = padToMultiple(flip(mask, flips), gridMultiple);
  const plain = scaled(padToMultiple(flip(image, flips), gridMultiple));
  const volume = augmentation === undefined ? plain : augment(plain, augmentation);
  return {
    ...drawn,
    volume: volume.data,
    target: target.data,
    shape: volume.shape,
    content: image.shape,
    ...(imageBox && { box: flipBox(pooledBox(imageBox, drawn), flips, image.shape) }),
  };
}

/** Intensities 0..255 as 0..1. */
function scaled(image: Grid<Uint8Array>): Grid<Float32Array> {
  return { data: unitIntensities(image.data), shape: image.shape };
}

/** A box of the image cut to a crop that it meets, then in cells of `pooling` voxels, rounded outwards. */
function pooledBox({ min, max }: Box, { crop, pooling }: Pick<Drawn, "crop" | "pooling">): Box {
  const inCrop = (of: Zyx, axis: number) =>
    Math.min(Math.max(of[axis]!, crop.min[axis]!), crop.max[axis]!) - crop.min[axis]!;
  return {
    min: eachAxis((axis) => Math.floor(inCrop(min, axis) / pooling[axis]!)),
    max: eachAxis((axis) => Math.ceil(inCrop(max, axis) / pooling[axis]!)),
  };
}

function flipBox({ min, max }: Box, flips: readonly boolean[], shape: Zyx): Box {
  return {
    min: eachAxis((axis) => (flips[axis] ? shape[axis]! - max[axis]! : min[axis]!)),
    max: eachAxis((axis) => (flips[axis] ? shape[axis]! - min[axis]! : max[axis]!)),
  };
}

function eachAxis(value: (axis: number) => number): Zyx {
  return [value(0), value(1), value(2)];
}
