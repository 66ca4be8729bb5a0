import { writeFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";

/** The value of a made element: text, numbers, bytes, or the items of a sequence. */
export type MadeValue = string | readonly number[] | Uint8Array | readonly MadeElement[][];
export type MadeElement = readonly [tag: number, vr: string, value: MadeValue];

export interface MadeSyntax {
  readonly uid: string;
  readonly explicit?: boolean;
  readonly littleEndian?: boolean;
  readonly deflated?: boolean;
}

/** A sequence of one item. */
export function sequence(tag: number, ...item: readonly MadeElement[]): MadeElement {
  return [tag, "SQ", [[...item]]];
}

const pixelTag = 0x7fe0_0010;
const longForms = ["OB", "OW", "SQ", "UN", "UT"];
export const plainSyntax: MadeSyntax = { uid: "1.2.840.10008.1.2.1" };

/** Writes a DICOM file of these elements (PS3.10): preamble, meta information, data set. Fragments are given as pixel items. */
export function writeDicom(
  path: string,
  elements: readonly MadeElement[],
  syntax = plainSyntax,
  fragments?: Buffer[],
): void {
  const meta = encodeElements([[0x0002_0010, "UI", syntax.uid]], true, true);
  const sorted = elements.toSorted(([a], [b]) => a - b);
  const body = encodeElements(sorted, syntax.explicit ?? true, syntax.littleEndian ?? true);
  const data = fragments ? Buffer.concat([body, encapsulated(fragments)]) : body;
  writeFileSync(
    path,
    Buffer.concat([Buffer.alloc(128), Buffer.from("DICM"), meta, syntax.deflated ? deflateRawSync(data) : data]),
  );
}

/** A slice with pixels of 16 bits: `values` row by row, and the elements that every image has; `more` replaces and adds. */
export function sliceElements(
  values: readonly number[],
  [rows, columns]: readonly [number, number],
  position: readonly number[],
  more: readonly MadeElement[] = [],
): MadeElement[] {
  const pixels = Buffer.from(Uint16Array.from(values).buffer);
  const elements = new Map<number, MadeElement>();
  const all: MadeElement[] = [
    [0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.2"],
    [0x0008_0060, "CS", "CT"],
    [0x0018_0050, "DS", "5"],
    [0x0020_000e, "UI", "1.2.3"],
    [0x0020_0011, "IS", "1"],
    [0x0020_0032, "DS", position.join("\\")],
    [0x0020_0037, "DS", "1\\0\\0\\0\\1\\0"],
    [0x0028_0002, "US", [1]],
    [0x0028_0004, "CS", "MONOCHROME2"],
    [0x0028_0010, "US", [rows]],
    [0x0028_0011, "US", [columns]],
    [0x0028_0030, "DS", "2\\1.5"],
    [0x0028_0100, "US", [16]],
    [0x0028_0101, "US", [16]],
    [0x0028_0102, "US", [15]],
    [0x0028_0103, "US", [0]],
    [pixelTag, "OW", pixels],
    ...more,
  ];
  for (const element of all) elements.set(element[0], element);
  return [...elements.values()];
}

function encodeElements(elements: readonly MadeElement[], explicit: boolean, little: boolean): Buffer {
  return Buffer.concat(
    elements.flatMap(([tag, vr, value]) => {
      const bytes = encodeValue(vr, value, explicit, little);
      return [elementHead(tag, vr, bytes.length, explicit, little), bytes];
    }),
  );
}

function elementHead(tag: number, vr: string, length: number, explicit: boolean, little: boolean): Buffer {
  const head = Buffer.alloc(explicit && longForms.includes(vr) ? 12 : 8);
  const short = (value: number, at: number) => (little ? head.writeUInt16LE(value, at) : head.writeUInt16BE(value, at));
  const long = (value: number, at: number) => (little ? head.writeUInt32LE(value, at) : head.writeUInt32BE(value, at));
  short(Math.floor(tag / 0x1_0000), 0);
  short(tag % 0x1_0000, 2);
  if (!explicit) long(length, 4);
  else {
    head.write(vr, 4, "latin1");
    if (head.length === 12) long(length, 8);
    else short(length, 6);
  }
  return head;
}

function encodeValue(vr: string, value: MadeValue, explicit: boolean, little: boolean): Buffer {
  if (typeof value === "string") return even(Buffer.from(value, "latin1"), vr === "UI" ? 0 : 0x20);
  if (value instanceof Uint8Array) return even(little ? Buffer.from(value) : Buffer.from(value).swap16(), 0);
  if (vr === "SQ") {
    return Buffer.concat(
      (value as readonly MadeElement[][]).map((item) => {
        const body = encodeElements(item, explicit, little);
        return Buffer.concat([elementHead(0xfffe_e000, "", body.length, false, little), body]);
      }),
    );
  }
  const numbers = value as readonly number[];
  const size = vr === "FD" ? 8 : vr === "UL" ? 4 : 2;
  const bytes = Buffer.alloc(size * numbers.length);
  for (const [index, number] of numbers.entries()) {
    if (vr === "FD") bytes[little ? "writeDoubleLE" : "writeDoubleBE"](number, index * size);
    else if (vr === "UL") bytes[little ? "writeUInt32LE" : "writeUInt32BE"](number, index * size);
    else bytes[little ? "writeUInt16LE" : "writeUInt16BE"](number & 0xffff, index * size);
  }
  return bytes;
}

function encapsulated(fragments: readonly Buffer[]): Buffer {
  const item = (bytes: Buffer): Buffer =>
    Buffer.concat([elementHead(0xfffe_e000, "", bytes.length, false, true), bytes]);
  const head = elementHead(pixelTag, "OB", 0xffff_ffff, true, true);
  return Buffer.concat([
    head,
    item(Buffer.alloc(0)),
    ...fragments.map(item),
    elementHead(0xfffe_e0dd, "", 0, false, true),
  ]);
}

function even(bytes: Buffer, padding: number): Buffer {
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.from([padding])]);
}
