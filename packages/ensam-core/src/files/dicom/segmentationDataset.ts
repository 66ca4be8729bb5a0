import type { LabelMap } from "../../voxels/index.ts";
import { cieLabOf } from "./cieLab.ts";
import type { DicomFrame } from "./dicomFrame.ts";
import { bytes, newUid, numbers, sequence, text } from "./elements.ts";
import { encodeElements, type WrittenDataset, type WrittenElement } from "./encodeElements.ts";
import { packBits } from "./packBits.ts";
import type { Dataset } from "./parseElements.ts";
import type { Stack } from "./stackFrames.ts";
import { segmentationStorage } from "./tags.ts";
import { explicitLittleEndian } from "./transferSyntax.ts";

/** One object of a label map as a segment. */
export interface Segment {
  readonly label: number;
  readonly name: string;
  /** Red, green, blue, 0 to 255. */
  readonly colour?: readonly [number, number, number];
  /** Its own voxels, not 0 where it is; without, those of its label in the label map. */
  readonly mask?: LabelMap;
}

/** The voxels of one segment in one slice of the series, 0 or 1. */
export interface SegmentFrame {
  /** From 1. */
  readonly segment: number;
  /** From 0. */
  readonly slice: number;
  readonly mask: Uint8Array;
}

const software = "ENSAM";

/** The file meta information of a segmentation (PS3.10 section 7.1). */
export function metaInformation(instance: string): Buffer[] {
  const elements = encodeElements([
    bytes(0x0002_0001, "OB", [0, 1]),
    text(0x0002_0002, "UI", segmentationStorage),
    text(0x0002_0003, "UI", instance),
    text(0x0002_0010, "UI", explicitLittleEndian.uid),
    text(0x0002_0012, "UI", "2.25.148853265843263573164391827495938217551"),
    text(0x0002_0013, "SH", software),
  ]);
  const length = elements.reduce((sum, part) => sum + part.length, 0);
  return [...encodeElements([numbers(0x0002_0000, "UL", length)]), ...elements];
}

/**
 * The data set of a segmentation (PS3.3 A.51): patient, study and frame of reference of the series, its segments, and
 * one frame for each of `frames`, which refers to its source slice.
 *
 * @param source  the header of one of the series' files
 */
export function segmentationDataset(
  instance: string,
  stack: Stack,
  source: Dataset,
  segments: readonly Segment[],
  frames: readonly SegmentFrame[],
): WrittenDataset {
  const first = stack.frames[0]!;
  const organization = newUid();
  const now = new Date().toISOString().replaceAll(/[-:]/g, "");
  const [date, time] = [now.slice(0, 8), now.slice(9, 15)];
  return [
    ...copied(source),
    text(0x0008_0005, "CS", "ISO_IR 192"),
    text(0x0008_0008, "CS", "DERIVED\\PRIMARY"),
    text(0x0008_0016, "UI", segmentationStorage),
    text(0x0008_0018, "UI", instance),
    text(0x0008_0023, "DA", date),
    text(0x0008_0033, "TM", time),
    text(0x0008_0060, "CS", "SEG"),
    text(0x0008_0070, "LO", software),
    text(0x0008_103e, "LO", "Segmentation"),
    sequence(0x0008_1115, referencedSeries(stack)),
    text(0x0008_1090, "LO", software),
    text(0x0018_1000, "LO", "0"),
    text(0x0018_1020, "LO", "0"),
    text(0x0020_000e, "UI", newUid()),
    text(0x0020_0011, "IS", "1000"),
    text(0x0020_0013, "IS", "1"),
    text(0x0020_1040, "LO", ""),
    sequence(0x0020_9221, [text(0x0020_9164, "UI", organization)]),
    sequence(
      0x0020_9222,
      dimension(organization, 0x0062_000b, 0x0062_000a),
      dimension(organization, 0x0020_0032, 0x0020_9113),
    ),
    numbers(0x0028_0002, "US", 1),
    text(0x0028_0004, "CS", "MONOCHROME2"),
    text(0x0028_0008, "IS", String(frames.length)),
    numbers(0x0028_0010, "US", first.rows),
    numbers(0x0028_0011, "US", first.columns),
    numbers(0x0028_0100, "US", 1),
    numbers(0x0028_0101, "US", 1),
    numbers(0x0028_0102, "US", 0),
    numbers(0x0028_0103, "US", 0),
    text(0x0028_2110, "CS", "00"),
    text(0x0062_0001, "CS", "BINARY"),
    sequence(0x0062_0002, ...segments.map(segmentItem)),
    text(0x0070_0080, "CS", "SEGMENTATION"),
    text(0x0070_0081, "LO", "Segmentation"),
    text(0x0070_0084, "PN", `${software}^`),
    sequence(0x5200_9229, sharedGroups(stack)),
    sequence(0x5200_9230, ...frames.map((frame) => frameGroups(frame, stack))),
    { tag: 0x7fe0_0010, vr: "OB", value: packBits(frames.map(({ mask }) => mask)).bytes },
  ];
}

/** Patient and study, as the series has them: type 2 attributes may be empty. */
const kept: readonly (readonly [tag: number, vr: string])[] = [
  [0x0008_0020, "DA"],
  [0x0008_0030, "TM"],
  [0x0008_0050, "SH"],
  [0x0008_0090, "PN"],
  [0x0010_0010, "PN"],
  [0x0010_0020, "LO"],
  [0x0010_0030, "DA"],
  [0x0010_0040, "CS"],
  [0x0020_000d, "UI"],
  [0x0020_0010, "SH"],
  [0x0020_0052, "UI"],
];

function copied(source: Dataset): WrittenElement[] {
  return kept.map(([tag, vr]) => {
    const element = source.elements.get(tag);
    const decoded = element === undefined ? "" : decode(source, element.start, element.length);
    return text(tag, vr, decoded === "" && vr === "UI" ? newUid() : decoded);
  });
}

/** Text in UTF-8, which is what is written; other character sets than Latin-1 keep their bytes only where those are UTF-8. */
function decode({ bytes, elements }: Dataset, start: number, length: number): string {
  const set = elements.get(0x0008_0005);
  const isUtf8 =
    set !== undefined && bytes.toString("latin1", set.start, set.start + set.length).startsWith("ISO_IR 192");
  return bytes.toString(isUtf8 ? "utf8" : "latin1", start, start + length).replace(/[\0 ]+$/, "");
}

function referencedSeries({ frames }: Stack): WrittenDataset {
  const instances = new Map(frames.map((frame) => [frame.instance, frame]));
  return [
    text(0x0020_000e, "UI", frames[0]!.series.uid),
    sequence(0x0008_114a, ...[...instances.values()].map(reference)),
  ];
}

function reference({ sopClass, instance }: DicomFrame): WrittenElement[] {
  return [text(0x0008_1150, "UI", sopClass), text(0x0008_1155, "UI", instance)];
}

function dimension(organization: string, pointer: number, group: number): WrittenDataset {
  return [
    text(0x0020_9164, "UI", organization),
    numbers(0x0020_9165, "AT", pointer),
    numbers(0x0020_9167, "AT", group),
  ];
}

function segmentItem({ label, name, colour }: Segment, index: number): WrittenDataset {
  return [
    sequence(0x0062_0003, code("85756007", "SCT", "Tissue")),
    numbers(0x0062_0004, "US", index + 1),
    text(0x0062_0005, "LO", (name || `label ${label}`).replace(/[\\\p{Cc}]/gu, " ").slice(0, 64)), // A backslash parts values.
    text(0x0062_0008, "CS", "SEMIAUTOMATIC"),
    text(0x0062_0009, "LO", software),
    ...(colour ? [numbers(0x0062_000d, "US", ...cieLabOf(colour))] : []),
    sequence(0x0062_000f, code("85756007", "SCT", "Tissue")),
    text(0x0062_0020, "UT", `label ${label}`),
    text(0x0062_0021, "UI", newUid()),
  ];
}

function sharedGroups({ frames, place }: Stack): WrittenDataset {
  const { directions, spacing } = frames[0]!;
  const step = decimal(Math.hypot(...place.steps[2]));
  return [
    sequence(0x0020_9116, [
      text(0x0020_0037, "DS", (directions?.flat() ?? [1, 0, 0, 0, 1, 0]).map(decimal).join("\\")),
    ]),
    sequence(0x0028_9110, [
      text(0x0018_0050, "DS", step),
      text(0x0018_0088, "DS", step),
      text(0x0028_0030, "DS", [spacing?.betweenRows ?? 1, spacing?.betweenColumns ?? 1].map(decimal).join("\\")),
    ]),
  ];
}

function frameGroups({ segment, slice }: SegmentFrame, { frames }: Stack): WrittenDataset {
  const source = frames[slice]!;
  const purpose = sequence(0x0040_a170, code("121322", "DCM", "Source image for image processing operation"));
  const frameNumber = source.frameCount > 1 ? [text(0x0008_1160, "IS", String(source.index + 1))] : [];
  return [
    sequence(0x0008_9124, [
      sequence(0x0008_2112, [...reference(source), ...frameNumber, purpose]),
      sequence(0x0008_9215, code("113076", "DCM", "Segmentation")),
    ]),
    sequence(0x0020_9111, [numbers(0x0020_9157, "UL", segment, slice + 1)]),
    sequence(0x0020_9113, [text(0x0020_0032, "DS", (source.position ?? [0, 0, 0]).map(decimal).join("\\"))]),
    sequence(0x0062_000a, [numbers(0x0062_000b, "US", segment)]),
  ];
}

function code(value: string, scheme: string, meaning: string): WrittenDataset {
  return [text(0x0008_0100, "SH", value), text(0x0008_0102, "SH", scheme), text(0x0008_0104, "LO", meaning)];
}

/** A decimal string of at most 16 characters. */
function decimal(value: number): string {
  for (let digits = 16; ; digits--) {
    const words = String(Number(value.toPrecision(digits)));
    if (words.length <= 16) return words;
  }
}
