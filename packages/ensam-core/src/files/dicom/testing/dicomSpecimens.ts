import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type MadeElement, type MadeSyntax, plainSyntax, sequence, sliceElements, writeDicom } from "./writeDicom.ts";

/** Small DICOM files of every native form that is read, by name, and what else lies beside them. */
export interface DicomSpecimen {
  readonly name: string;
  readonly bytes: Buffer;
  /** What is read: the file itself, or the folder it is a slice in. */
  readonly of: "image" | "labels" | "folder";
}

const size = [4, 5] as const;
const values = Array.from({ length: 20 }, (_, index) => (index * 7919) % 4001);
const implicit: MadeSyntax = { uid: "1.2.840.10008.1.2", explicit: false };
const bigEndian: MadeSyntax = { uid: "1.2.840.10008.1.2.2", littleEndian: false };
const deflated: MadeSyntax = { uid: "1.2.840.10008.1.2.1.99", deflated: true };
const runLengths: MadeSyntax = { uid: "1.2.840.10008.1.2.5" };

/** Makes the specimens; `folder` gets what lies beside them. */
export function dicomSpecimens(folder: string): DicomSpecimen[] {
  const written = (
    name: string,
    elements: readonly MadeElement[],
    syntax = plainSyntax,
    fragments?: Buffer[],
  ): Buffer => {
    writeDicom(join(folder, name), elements, syntax, fragments);
    return readFileSync(join(folder, name));
  };
  const slice = (n: number): MadeElement[] =>
    sliceElements(
      values,
      size,
      [0, 0, 5 * n],
      [
        [0x0008_0018, "UI", `1.2.3.4.${n}`],
        [0x0028_1052, "DS", "-1000"],
        [0x0028_1053, "DS", "1.5"],
      ],
    );
  mkdirSync(join(folder, "series"), { recursive: true });
  const [, middle] = [0, 1, 2].map((n) => written(`series/${n}.dcm`, slice(n)));
  const withoutPixels = slice(0).filter(([tag]) => tag !== 0x7fe0_0010);
  return [
    { name: "plain.dcm", bytes: written("plain.dcm", slice(0)), of: "image" },
    { name: "implicit.dcm", bytes: written("implicit.dcm", slice(0), implicit), of: "image" },
    { name: "big.dcm", bytes: written("big.dcm", slice(0), bigEndian), of: "image" },
    { name: "deflated.dcm", bytes: written("deflated.dcm", slice(0), deflated), of: "image" },
    { name: "rle.dcm", bytes: written("rle.dcm", withoutPixels, runLengths, [runLengthFrame()]), of: "image" },
    { name: "frames.dcm", bytes: written("frames.dcm", enhanced()), of: "image" },
    { name: "seg.dcm", bytes: written("seg.dcm", segmentation()), of: "labels" },
    { name: "series/1.dcm", bytes: middle!, of: "folder" },
  ];
}

/** The high and the low bytes, each as one run of literals (PS3.5 annex G). */
function runLengthFrame(): Buffer {
  const planes = [8, 0].map((shift) => {
    const bytes = Buffer.from([values.length - 1, ...values.map((value) => (value >> shift) & 0xff)]);
    return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.of(0x80)]);
  });
  const header = Buffer.alloc(64);
  [2, 64, 64 + planes[0]!.length].forEach((value, index) => {
    header.writeUInt32LE(value, 4 * index);
  });
  return Buffer.concat([header, ...planes]);
}

function enhanced(): MadeElement[] {
  const elements = sliceElements(
    [...values, ...values],
    size,
    [0, 0, 0],
    [
      [0x0028_0008, "IS", "2"],
      [0x0008_0018, "UI", "1.2.3.4.9"],
      sequence(0x5200_9229, sequence(0x0028_9110, [0x0028_0030, "DS", "2\\1.5"], [0x0018_0050, "DS", "5"])),
      [0x5200_9230, "SQ", [0, 1].map((n) => [sequence(0x0020_9113, [0x0020_0032, "DS", `0\\0\\${5 * n}`])])],
    ],
  );
  return elements;
}

function segmentation(): MadeElement[] {
  const frames = [0, 1, 2].map((n) => [
    sequence(0x0020_9113, [0x0020_0032, "DS", `0\\0\\${5 * n}`]),
    sequence(0x0062_000a, [0x0062_000b, "US", [1 + (n % 2)]]),
  ]);
  const bits = Buffer.from([0b1010_0110, 0x5a, 0xff, 0x0f, 0x11, 0x22, 0x33, 0x08]); // 3 x 20 bits, and four of padding.
  const replaced: MadeElement[] = [
    [0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.66.4"],
    [0x0008_0018, "UI", "1.2.3.4.10"],
    [0x0008_0060, "CS", "SEG"],
    [0x0028_0008, "IS", "3"],
    [0x0028_0100, "US", [1]],
    [0x0028_0101, "US", [1]],
    [0x0028_0102, "US", [0]],
    [0x0062_0001, "CS", "BINARY"],
    [
      0x0062_0002,
      "SQ",
      [1, 2].map((number) => [
        [0x0062_0004, "US", [number]] as MadeElement,
        [0x0062_0005, "LO", `segment ${number}`] as MadeElement,
      ]),
    ],
    sequence(
      0x5200_9229,
      sequence(0x0020_9116, [0x0020_0037, "DS", "1\\0\\0\\0\\1\\0"]),
      sequence(0x0028_9110, [0x0018_0088, "DS", "5"], [0x0028_0030, "DS", "2\\1.5"]),
    ),
    [0x5200_9230, "SQ", frames],
    [0x7fe0_0010, "OB", bits],
  ];
  return sliceElements(values, size, [0, 0, 0], replaced);
}
