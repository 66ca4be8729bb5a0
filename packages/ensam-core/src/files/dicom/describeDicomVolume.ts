import type { ListedVolume } from "./dicomVolumes.ts";

/** One volume of a listing in words. */
export function describeDicomVolume({
  number,
  modality,
  description,
  kind,
  slices,
  rows,
  columns,
}: ListedVolume): string {
  const words = [modality, description === "" ? "" : `"${description}"`, kind].filter((word) => word !== "");
  return `${number}) ${words.join(" ")}, ${slices} x ${rows} x ${columns}`;
}
