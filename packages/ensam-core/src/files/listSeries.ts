import { stat } from "node:fs/promises";
import type { ListedVolume } from "./dicom/index.ts";
import { asFileError, FileError } from "./fileError.ts";
import { sniffFormat } from "./sniffFormat.ts";

const expected = "a DICOM folder, zip archive or file";

/** The volumes in a DICOM folder, zip archive or file, by the numbers that `--series` takes. Anything else is a FileError. */
export async function listSeries(path: string): Promise<ListedVolume[]> {
  const status = await stat(path).catch((error: unknown) => {
    throw asFileError(path, expected, error);
  });
  const format = status.isDirectory() ? "folder" : await sniffFormat(path);
  const kind = format === "dicom" ? "file" : format === "npz" ? "zip" : format;
  if (kind !== "folder" && kind !== "file" && kind !== "zip") throw new FileError(path, expected, "another format");
  const { listDicom } = await import("./dicom/index.ts");
  const volumes = await listDicom({ kind, path });
  if (volumes.length === 0) throw new FileError(path, expected, "one without an image");
  return volumes;
}

/** Whether a folder holds a DICOM file. */
export async function holdsDicom(folder: string): Promise<boolean> {
  const dicom = await import("./dicom/index.ts");
  return dicom.holdsDicom(folder);
}
