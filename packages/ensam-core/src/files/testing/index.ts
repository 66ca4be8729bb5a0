export { sliceElements, writeDicom } from "../dicom/testing/writeDicom.ts";
export { missing, sharedPath } from "./shared.ts";
