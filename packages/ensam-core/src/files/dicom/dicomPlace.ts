/** Where DICOM files are: one, a list of them, a folder, or a zip archive. */
export interface DicomPlace {
  readonly kind: "file" | "folder" | "zip";
  readonly path: string;
}
