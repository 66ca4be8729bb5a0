export { describe as describeDicomVolume } from "./chooseVolume.ts";
export type { ListedVolume } from "./dicomVolumes.ts";
export { type DicomOptions, type DicomPlace, listDicom, readDicom } from "./readDicom.ts";
export { isDicom } from "./readHeader.ts";
