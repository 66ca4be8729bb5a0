import { FileError, reasonOf } from "../fileError.ts";
import type { ByteSource } from "./byteSource.ts";
import type { DicomFrame } from "./dicomFrame.ts";
import { framesOf } from "./framesOf.ts";
import { type DicomVolume, groupVolumes } from "./groupVolumes.ts";
import { readHeader } from "./readHeader.ts";
import { stackFrames } from "./stackFrames.ts";

/** What a folder, an archive or a file holds of DICOM. */
export interface FoundDicom {
  readonly volumes: readonly DicomVolume[];
  /** DICOM files that hold no image, by what they are. */
  readonly others: readonly OtherObject[];
  /** DICOM files that could not be read, with the reason. */
  readonly damaged: readonly FileError[];
  /** Files that are no DICOM. */
  readonly foreign: number;
}

export interface OtherObject {
  readonly name: string;
  readonly what: string;
}

/** One volume of a listing, for people to choose from. */
export interface ListedVolume {
  /** From 1, what `--series` takes. */
  readonly number: number;
  readonly seriesUid: string;
  readonly description: string;
  readonly modality: string;
  /** Of the values, as the files name it (HU, BQML); "" where they do not. */
  readonly unit: string;
  /** Image type, echo, stack, time: what parts it from others of its series. */
  readonly kind: string;
  readonly slices: number;
  readonly rows: number;
  readonly columns: number;
  /** Why it is no regular volume; none if it is one. */
  readonly problems: readonly string[];
}

const readersAtOnce = 8;

/** Reads the headers of all these files, and parts their frames into volumes. */
export async function findVolumes(sources: readonly ByteSource[]): Promise<FoundDicom> {
  const headers: HeaderResult[] = new Array(sources.length);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < sources.length; index = next++) headers[index] = await framesIn(sources[index]!);
  };
  await Promise.all(Array.from({ length: Math.min(readersAtOnce, sources.length) }, work));
  return {
    volumes: groupVolumes(headers.flatMap(({ frames = [] }) => frames)),
    others: headers.flatMap(({ other = [] }) => other),
    damaged: headers.flatMap(({ damaged = [] }) => damaged),
    foreign: headers.filter(({ isForeign }) => isForeign).length,
  };
}

interface HeaderResult {
  readonly frames?: DicomFrame[];
  readonly other?: OtherObject;
  readonly damaged?: FileError;
  readonly isForeign?: boolean;
}

async function framesIn(source: ByteSource): Promise<HeaderResult> {
  try {
    const header = await readHeader(source);
    if (header === undefined) return { isForeign: true };
    const frames = framesOf(header);
    return typeof frames === "string" ? { other: { name: source.name, what: frames } } : { frames };
  } catch (error) {
    if (error instanceof FileError) return { damaged: error };
    return { damaged: new FileError(source.name, "a DICOM file that can be read", reasonOf(error)) };
  }
}

/** The volumes as a table to choose from, in the order of their numbers. */
export function listVolumes(volumes: readonly DicomVolume[]): ListedVolume[] {
  return volumes.map(({ frames }, index) => {
    const { series, rows, columns, kind } = frames[0]!;
    return {
      number: index + 1,
      seriesUid: series.uid,
      description: series.description,
      modality: series.modality,
      unit: series.unit,
      kind: kind.filter((part) => part !== "").join(" "),
      slices: frames.length,
      rows,
      columns,
      problems: stackFrames(frames).problems,
    };
  });
}
