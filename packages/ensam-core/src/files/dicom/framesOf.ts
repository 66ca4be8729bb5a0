import { FileError } from "../fileError.ts";
import type { DicomFrame, PixelSpacing, Vector } from "./dicomFrame.ts";
import { numberOf, numbersOf, textOf, textsOf } from "./elementValues.ts";
import { DamagedDataset, type Dataset, itemsOf, OutOfBytes } from "./parseElements.ts";
import type { DicomHeader } from "./readHeader.ts";
import { floatPixelData, segmentationStorage, sequences, type Tag, tags } from "./tags.ts";

/** Objects with pixels that are no image volume of one number a voxel, by the beginning of their SOP class (PS3.4 B.5). */
const otherObjects: readonly (readonly [prefix: string, what: string])[] = [
  ["1.2.840.10008.5.1.4.1.1.481.2", "an RT dose (its grid needs DoseGridScaling: convert it to NIfTI)"],
  [segmentationStorage, "a segmentation (DICOM-SEG), which is a label map"],
];

const mostFrames = 100_000;

/**
 * The frames of a file that holds an image; a string that says what it is where it holds none, such as a structured
 * report. A FileError where it is an image that cannot be read: colours, floats, a header without sense.
 */
export function framesOf(header: DicomHeader): DicomFrame[] | string {
  try {
    return framesOrKind(header);
  } catch (error) {
    if (!(error instanceof DamagedDataset || error instanceof OutOfBytes)) throw error;
    throw new FileError(
      header.source.name,
      "an undamaged DICOM file",
      `sequences that cannot be read: ${error.message}`,
    );
  }
}

function framesOrKind(header: DicomHeader): DicomFrame[] | string {
  const { dataset, pixels, source } = header;
  const sopClass = textOf(dataset, tags.sopClass) ?? "";
  const modality = textOf(dataset, tags.modality) ?? "";
  const other = otherObjects.find(([prefix]) => sopClass.startsWith(prefix));
  if (other) return other[1];
  if (pixels === undefined) return `an object without pixels${modality === "" ? "" : ` (${modality})`}`;
  checkPixels(header);
  const frameCount = count(source.name, "the number of frames", numberOf(dataset, tags.frameCount) ?? 1);
  if (frameCount > mostFrames) throw new FileError(source.name, `at most ${mostFrames} frames`, `${frameCount}`);
  const perFrame = itemsOf(dataset, sequences.perFrameGroups.number);
  if (perFrame.length > 0 && perFrame.length !== frameCount) {
    throw new FileError(source.name, `functional groups of ${frameCount} frames`, `${perFrame.length}`);
  }
  const shared = itemsOf(dataset, sequences.sharedGroups.number)[0];
  return Array.from({ length: frameCount }, (_, index) => {
    const groups = [perFrame[index], shared].filter((group) => group !== undefined);
    return frameOf(header, index, frameCount, groups);
  });
}

function checkPixels({ dataset, pixels, source: { name } }: DicomHeader): void {
  const samples = numberOf(dataset, tags.samplesPerPixel) ?? 1;
  const photometric = textOf(dataset, tags.photometricInterpretation) ?? "MONOCHROME2";
  if (samples !== 1 || !/^MONOCHROME[12]$/.test(photometric)) {
    throw new FileError(name, "one number a voxel (MONOCHROME1 or 2)", `${samples} a voxel (${photometric})`);
  }
  if (dataset.elements.has(tags.modalityTable.number) && numberOf(dataset, tags.rescaleSlope) === undefined) {
    throw new FileError(name, "pixels that a slope and an intercept rescale", "a table of values (Modality LUT)");
  }
  if (floatPixelData.includes(pixels!.tag))
    throw new FileError(name, "whole numbers as pixels", "floats (a parametric map)");
}

function frameOf(header: DicomHeader, index: number, frameCount: number, groups: readonly Dataset[]): DicomFrame {
  const { dataset, source, syntax, pixels, size } = header;
  const { name } = source;
  /** A value of the frame's functional groups, else of the shared ones, else of the file as a whole. */
  const among = (sequence: Tag): Dataset[] => groups.flatMap((group) => itemsOf(group, sequence.number));
  const first = (sequence: Tag, tag: Tag): number[] => {
    const holder = among(sequence).find((one) => one.elements.has(tag.number)) ?? dataset;
    return numbersOf(holder, tag);
  };
  const positive = (what: string, tag: Tag): number => count(name, what, numberOf(dataset, tag) ?? Number.NaN);
  const allocated = positive("BitsAllocated", tags.bitsAllocated);
  const stored = numberOf(dataset, tags.bitsStored) ?? allocated;
  const high = numberOf(dataset, tags.highBit) ?? stored - 1;
  if (![8, 16, 32].includes(allocated) || !(stored >= 1 && stored <= high + 1 && high < allocated)) {
    throw new FileError(
      name,
      "8, 16 or 32 bits allocated, with those stored inside",
      `${stored} of ${allocated}, the highest bit ${high}`,
    );
  }
  return {
    header: { source, syntax, pixels, size },
    name: frameCount === 1 ? name : `${name}: frame ${index + 1}`,
    index,
    frameCount,
    extendedOffsets: numbersOf(dataset, tags.extendedOffsets),
    series: {
      uid: textOf(dataset, tags.seriesInstance) ?? "",
      number: textOf(dataset, tags.seriesNumber) ?? "",
      description: textOf(dataset, tags.seriesDescription) ?? "",
      modality: textOf(dataset, tags.modality) ?? "",
      unit: unitOf(dataset),
    },
    sopClass: textOf(dataset, tags.sopClass) ?? "",
    instance: textOf(dataset, tags.sopInstance) ?? "",
    instanceNumber: numberOf(dataset, tags.instanceNumber) ?? 0,
    rows: positive("Rows", tags.rows),
    columns: positive("Columns", tags.columns),
    bits: { allocated, stored, high, signed: numberOf(dataset, tags.pixelRepresentation) === 1 },
    photometric: textOf(dataset, tags.photometricInterpretation) ?? "MONOCHROME2",
    position: vector(name, "a position", first(sequences.planePosition, tags.imagePosition)),
    directions: directionsOf(name, first(sequences.planeOrientation, tags.imageOrientation)),
    spacing: spacingOf(
      name,
      first(sequences.pixelMeasures, tags.pixelSpacing),
      numbersOf(dataset, tags.imagerPixelSpacing),
    ),
    thickness: first(sequences.pixelMeasures, tags.sliceThickness)[0],
    spacingBetweenSlices: first(sequences.pixelMeasures, tags.spacingBetweenSlices)[0],
    ...rescaleOf(
      name,
      first(sequences.pixelValueTransformation, tags.rescaleSlope)[0] ?? 1,
      first(sequences.pixelValueTransformation, tags.rescaleIntercept)[0] ?? 0,
    ),
    ...distinctions(dataset, among),
  };
}

/** PET names its unit (BQML, GML), others may name a rescale type; the values of a CT are HU where it says nothing (PS3.3 C.8.2.1). */
function unitOf(dataset: Dataset): string {
  const stated = textOf(dataset, tags.valueUnits) || textOf(dataset, tags.rescaleType);
  return stated || (textOf(dataset, tags.modality) === "CT" ? "HU" : "");
}

/** What parts the images of one series into volumes: type, echo, stack and time; and what may do so where positions repeat. */
function distinctions(dataset: Dataset, among: (sequence: Tag) => Dataset[]): Pick<DicomFrame, "kind" | "repeats"> {
  const frameTypes = [sequences.mrFrameType, sequences.ctFrameType, sequences.petFrameType].flatMap(among);
  const texts = (tag: Tag, holders: readonly Dataset[]): string => {
    return holders.map((holder) => textsOf(holder, tag).join("\\")).find((text) => text !== "") ?? "";
  };
  const numbers = (tag: Tag, holders: readonly Dataset[]): string => {
    return holders.map((holder) => numbersOf(holder, tag).join("\\")).find((text) => text !== "") ?? "";
  };
  const content = [...among(sequences.frameContent), dataset];
  return {
    kind: [
      texts(tags.frameType, frameTypes) || texts(tags.imageType, [dataset]),
      numbers(tags.effectiveEchoTime, among(sequences.echo)) || texts(tags.echoNumber, [dataset]),
      texts(tags.stack, content),
      numbers(tags.temporalPositionIndex, content) || texts(tags.temporalPosition, [dataset]),
    ],
    repeats: [
      texts(tags.acquisitionNumber, [dataset]),
      texts(tags.triggerTime, [dataset]),
      texts(tags.echoTime, [dataset]),
      numbers(tags.diffusionBValue, [...among(sequences.diffusion), dataset]),
    ],
  };
}

function directionsOf(name: string, numbers: readonly number[]): DicomFrame["directions"] {
  if (numbers.length === 0) return undefined;
  const [row, column] = [numbers.slice(0, 3), numbers.slice(3)] as unknown as [Vector, Vector];
  const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const off = numbers.length === 6 ? [dot(row, row) - 1, dot(column, column) - 1, dot(row, column)] : [Number.NaN];
  if (!off.every((value) => Math.abs(value) < 0.01)) {
    throw new FileError(name, "an orientation of two unit vectors at right angles", `[${numbers.join(", ")}]`);
  }
  return [row, column];
}

function spacingOf(name: string, pixel: readonly number[], imager: readonly number[]): PixelSpacing | undefined {
  const numbers = pixel.length > 0 ? pixel : imager;
  if (numbers.length === 0) return undefined;
  const [betweenRows, betweenColumns] = numbers as [number, number];
  if (numbers.length !== 2 || !numbers.every((value) => value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw new FileError(name, "a pixel spacing of two positive millimetres", `[${numbers.join(", ")}]`);
  }
  return { betweenRows, betweenColumns, atDetector: pixel.length === 0 };
}

function vector(name: string, what: string, numbers: readonly number[]): Vector | undefined {
  if (numbers.length === 0) return undefined;
  if (numbers.length !== 3 || !numbers.every(Number.isFinite)) {
    throw new FileError(name, `${what} of three numbers`, `[${numbers.join(", ")}]`);
  }
  return numbers as unknown as Vector;
}

function rescaleOf(name: string, slope: number, intercept: number): { slope: number; intercept: number } {
  if (Number.isFinite(slope) && slope !== 0 && Number.isFinite(intercept)) return { slope, intercept };
  throw new FileError(name, "a rescale slope other than 0 and an intercept", `${slope} and ${intercept}`);
}

function count(name: string, what: string, value: number): number {
  if (!Number.isInteger(value) || value < 1)
    throw new FileError(name, `${what} to be a whole number from 1`, `${value}`);
  return value;
}
