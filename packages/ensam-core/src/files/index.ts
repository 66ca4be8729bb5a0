export { type AlignedLabels, alignLabels, type StatedGrid, type StatedLabels } from "./alignLabels.ts";
export {
  type ChallengeCase,
  type ChallengeKey,
  readChallengeCase,
  type SourceGrid,
  type StoredClickKind,
  type StoredClicks,
} from "./challengeCase.ts";
export { challengeInputs } from "./challengeInputs.ts";
export { decodeArray } from "./decodeArray.ts";
export { detachedDataFiles, withDataFiles } from "./detachedDataFiles.ts";
export { describeDicomVolume } from "./dicom/describeDicomVolume.ts";
export type { DicomOptions, DicomPlace, ListedVolume } from "./dicom/index.ts";
export { FileError } from "./fileError.ts";
export type { ImageFile, ImageFormat, StoredImage } from "./imageFile.ts";
export { listNpzFiles } from "./listNpzFiles.ts";
export { holdsDicom, listSeries } from "./listSeries.ts";
export {
  type Colour,
  type LabelNames,
  type MaskFormat,
  type MaskImage,
  type MaskObject,
  type MaskOptions,
  type MaskPath,
  maskEndings,
  maskFormatOf,
  maskPaths,
  maskProblem,
  readLabelNames,
  type WrittenMask,
  writeMask,
} from "./masks/index.ts";
export { decodeNpy } from "./npy.ts";
export { type NpzArchive, readNpz, writeNpz } from "./npz.ts";
export { type NpzGrid, ontoSourceGrid, readNpzGrid } from "./npzGrid.ts";
export type { NpyArray, NpyValue, ObjectArray, PickledValue, TextArray } from "./pythonValues.ts";
export { type LabelFile, type ReadOptions, readImage, readLabels } from "./readImage.ts";
export { readTruth } from "./readTruth.ts";
export { removeTemporaryFiles } from "./removeTemporaryFiles.ts";
export {
  encodeSafetensors,
  readSafetensors,
  readSafetensorsIfThere,
  type Safetensors,
  type StoredTensor,
  writeSafetensors,
} from "./safetensors.ts";
export { spacingDoubts } from "./spacingDoubts.ts";
export { temporaryName } from "./temporaryName.ts";
export { writeChallengeCase } from "./writeChallengeCase.ts";
export { writeFileAtomically } from "./writeFileAtomically.ts";
export { type WriteNiftiOptions, writeNifti } from "./writeNifti.ts";
export { npyArray } from "./writeNpy.ts";
