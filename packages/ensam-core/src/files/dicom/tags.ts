/** A data element's tag, group and element number in one, with the value representation that implicit files leave out (PS3.6). */
export interface Tag {
  readonly number: number;
  readonly vr: string;
}

const tag = (number: number, vr: string): Tag => ({ number, vr });

/** The data elements that say what an image is and where it lies (PS3.3 C.7.6, C.7.6.16, C.8). */
export const tags = {
  transferSyntax: tag(0x0002_0010, "UI"),
  characterSet: tag(0x0008_0005, "CS"),
  imageType: tag(0x0008_0008, "CS"),
  sopClass: tag(0x0008_0016, "UI"),
  sopInstance: tag(0x0008_0018, "UI"),
  modality: tag(0x0008_0060, "CS"),
  seriesDescription: tag(0x0008_103e, "LO"),
  frameType: tag(0x0008_9007, "CS"),
  sliceThickness: tag(0x0018_0050, "DS"),
  echoTime: tag(0x0018_0081, "DS"),
  echoNumber: tag(0x0018_0086, "IS"),
  spacingBetweenSlices: tag(0x0018_0088, "DS"),
  triggerTime: tag(0x0018_1060, "DS"),
  imagerPixelSpacing: tag(0x0018_1164, "DS"),
  effectiveEchoTime: tag(0x0018_9082, "FD"),
  diffusionBValue: tag(0x0018_9087, "FD"),
  seriesInstance: tag(0x0020_000e, "UI"),
  seriesNumber: tag(0x0020_0011, "IS"),
  acquisitionNumber: tag(0x0020_0012, "IS"),
  instanceNumber: tag(0x0020_0013, "IS"),
  imagePosition: tag(0x0020_0032, "DS"),
  imageOrientation: tag(0x0020_0037, "DS"),
  temporalPosition: tag(0x0020_0100, "IS"),
  stack: tag(0x0020_9056, "SH"),
  temporalPositionIndex: tag(0x0020_9128, "UL"),
  samplesPerPixel: tag(0x0028_0002, "US"),
  photometricInterpretation: tag(0x0028_0004, "CS"),
  frameCount: tag(0x0028_0008, "IS"),
  rows: tag(0x0028_0010, "US"),
  columns: tag(0x0028_0011, "US"),
  pixelSpacing: tag(0x0028_0030, "DS"),
  bitsAllocated: tag(0x0028_0100, "US"),
  bitsStored: tag(0x0028_0101, "US"),
  highBit: tag(0x0028_0102, "US"),
  pixelRepresentation: tag(0x0028_0103, "US"),
  rescaleIntercept: tag(0x0028_1052, "DS"),
  rescaleSlope: tag(0x0028_1053, "DS"),
  rescaleType: tag(0x0028_1054, "LO"),
  modalityTable: tag(0x0028_3000, "SQ"),
  valueUnits: tag(0x0054_1001, "CS"),
  extendedOffsets: tag(0x7fe0_0001, "OV"),
} as const;

/** The sequences of functional groups in enhanced multi-frame files (PS3.3 C.7.6.16). */
export const sequences = {
  echo: tag(0x0018_9114, "SQ"),
  diffusion: tag(0x0018_9117, "SQ"),
  mrFrameType: tag(0x0018_9226, "SQ"),
  ctFrameType: tag(0x0018_9329, "SQ"),
  petFrameType: tag(0x0018_9751, "SQ"),
  frameContent: tag(0x0020_9111, "SQ"),
  planePosition: tag(0x0020_9113, "SQ"),
  planeOrientation: tag(0x0020_9116, "SQ"),
  pixelMeasures: tag(0x0028_9110, "SQ"),
  pixelValueTransformation: tag(0x0028_9145, "SQ"),
  sharedGroups: tag(0x5200_9229, "SQ"),
  perFrameGroups: tag(0x5200_9230, "SQ"),
} as const;

/** The SOP class of segmentations (PS3.4 B.5). */
export const segmentationStorage = "1.2.840.10008.5.1.4.1.1.66.4";

/** What holds the pixels: integers, or the floats of parametric maps. */
export const pixelData = 0x7fe0_0010;
export const floatPixelData = [0x7fe0_0008, 0x7fe0_0009];

/** A tag as people write it: (0028,0030). */
export function tagName(number: number): string {
  const hex = (value: number): string => value.toString(16).padStart(4, "0");
  return `(${hex(Math.floor(number / 0x1_0000))},${hex(number % 0x1_0000)})`;
}
