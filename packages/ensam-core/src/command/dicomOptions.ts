import type { BooleanOption, StringOption } from "./optionTable.ts";

/** How a DICOM series is chosen and read, for commands that read images. */
export interface DicomChoice {
  series?: string;
  anyway: boolean;
}

const group = "DICOM";

export const dicomOptions = {
  series: {
    kind: "string",
    placeholder: "N|UID",
    group,
    defaultWords: "the only one",
    doc: "Which volume of a folder, zip archive or file with several: its number in the list that the refusal gives, or its SeriesInstanceUID (the end of it is enough).",
  } satisfies StringOption,
  anyway: {
    kind: "boolean",
    default: false,
    group,
    doc: "Read a series in spite of missing, doubled, uneven or unplaced slices, damaged files or cut pixels, and say so. Slices are then interpolated to even steps.",
  } satisfies BooleanOption & { default: boolean },
} as const;
