export { describeDicomVolume } from "./describeDicomVolume.ts";
export type { DicomPlace } from "./dicomPlace.ts";
export type { ListedVolume } from "./dicomVolumes.ts";
export { holdsDicom } from "./findSources.ts";
export { type DicomOptions, listDicom, readDicom } from "./readDicom.ts";
export { type DicomSegmentation, isDicomSeg, readDicomSeg } from "./readDicomSeg.ts";
export { isDicom } from "./readHeader.ts";
export { type SegmentedSeries, writeDicomSeg } from "./writeDicomSeg.ts";
