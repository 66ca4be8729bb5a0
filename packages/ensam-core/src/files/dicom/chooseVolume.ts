import { FileError } from "../fileError.ts";
import { describeDicomVolume } from "./describeDicomVolume.ts";
import { type FoundDicom, listVolumes } from "./dicomVolumes.ts";
import type { DicomVolume } from "./groupVolumes.ts";
import { sameOrientation } from "./groupVolumes.ts";

export interface ChosenVolume {
  readonly volume: DicomVolume;
  readonly notes: readonly string[];
}

const mostListed = 8;

/**
 * The volume that is meant: the one that `series` names (its number in the listing, its SeriesInstanceUID or the end of
 * it); without that, the only one of two slices or more, beside which single slices of another orientation or series
 * (localizers) are left out and told. A FileError that lists the volumes where several are possible.
 */
export function chooseVolume(path: string, { volumes, others, damaged }: FoundDicom, series?: string): ChosenVolume {
  if (volumes.length === 0) throw noVolume(path, others, damaged);
  if (series !== undefined) return { volume: named(path, volumes, series), notes: [] };
  if (volumes.length === 1) return { volume: volumes[0]!, notes: [] };
  const stacks = volumes.filter(({ frames }) => frames.length > 1);
  const [stack] = stacks;
  const singles = volumes.filter((volume) => volume !== stack);
  if (stacks.length !== 1 || stack === undefined || singles.some((single) => isStray(single, stack))) {
    throw new FileError(path, "one DICOM volume, or --series with one of them", listing(volumes));
  }
  const one = singles.length === 1;
  return {
    volume: stack,
    notes: [`${singles.length} single ${one ? "slice" : "slices"} of another orientation or series left out`],
  };
}

/** A slice that should have been part of the stack, but has another shape or kind. */
function isStray(single: DicomVolume, stack: DicomVolume): boolean {
  const [a, b] = [single.frames[0]!, stack.frames[0]!];
  return a.series.uid === b.series.uid && sameOrientation(a, b);
}

function named(path: string, volumes: readonly DicomVolume[], series: string): DicomVolume {
  const byNumber = /^\d{1,5}$/.test(series) ? volumes[Number(series) - 1] : undefined;
  if (byNumber) return byNumber;
  const byUid = volumes.filter(({ frames }) => frames[0]!.series.uid.endsWith(series));
  if (byUid.length === 1) return byUid[0]!;
  const problem = byUid.length === 0 ? `"${series}", which is none of` : `"${series}", which holds several of`;
  throw new FileError(path, "the number or the UID of one DICOM volume", `${problem} ${listing(volumes)}`);
}

function noVolume(path: string, others: FoundDicom["others"], damaged: FoundDicom["damaged"]): FileError {
  if (damaged[0]) return damaged[0];
  return new FileError(path, "a DICOM image", others[0]?.what ?? "no DICOM file");
}

function listing(volumes: readonly DicomVolume[]): string {
  const lines = listVolumes(volumes.slice(0, mostListed)).map(describeDicomVolume);
  const more = volumes.length > mostListed ? `; and ${volumes.length - mostListed} more` : "";
  return `${volumes.length}: ${lines.join("; ")}${more}`;
}
