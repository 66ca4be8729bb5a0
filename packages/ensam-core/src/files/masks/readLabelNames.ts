import { type SniffedFormat, sniffFormat } from "../sniffFormat.ts";
import { readSidecarNames } from "./labelSidecar.ts";
import type { LabelNames } from "./maskObject.ts";
import { readNiftiLabelTable } from "./niftiLabelTable.ts";
import { slicerSegments } from "./slicerSegments.ts";

/**
 * The names of the labels in a label map's file, else in the `NAME.labels.json` beside it; none where there are none.
 *
 * @param format  of the file, where it is known already
 */
export async function readLabelNames(path: string, format?: SniffedFormat): Promise<LabelNames> {
  const inside = await namesInside(path, format ?? (await sniffFormat(path)));
  return Object.keys(inside).length > 0 ? inside : readSidecarNames(path);
}

async function namesInside(path: string, format: SniffedFormat): Promise<LabelNames> {
  if (format === "nifti") return readNiftiLabelTable(path);
  if (format !== "nrrd") return {};
  const { segments } = await slicerSegments(path);
  const isUnique = new Set(segments.map(({ label }) => label)).size === segments.length; // Else layers share values.
  const named = segments.filter(({ name, label }) => name !== "" && Number.isSafeInteger(label) && label > 0);
  return isUnique ? Object.fromEntries(named.map(({ label, name }) => [String(label), name])) : {};
}
