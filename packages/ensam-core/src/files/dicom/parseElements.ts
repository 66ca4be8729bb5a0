import { tagName } from "./tags.ts";

/** How the elements of a data set are written: value representations named or not, byte order. */
export interface Encoding {
  readonly explicit: boolean;
  readonly littleEndian: boolean;
}

/** One data element: where its value lies in the bytes it was parsed from; `length` counts the items of a sequence, not its delimiter. */
export interface Element {
  readonly vr: string | undefined;
  readonly start: number;
  readonly length: number;
  readonly encoding: Encoding;
}

/** The elements of one data set, or of one item of a sequence, by tag. */
export interface Dataset {
  readonly bytes: Buffer;
  readonly elements: ReadonlyMap<number, Element>;
  /** The data set that an item stands in, whose character set is its own. */
  readonly parent?: Dataset;
}

export interface ParseLimits {
  /** The byte behind the last. */
  readonly end?: number;
  /** Parsing stops at the first element whose tag this holds for. */
  readonly until?: (tag: number) => boolean;
  readonly depth?: number;
}

/** The bytes end inside an element: more of the file is needed, or it is cut off. */
export class OutOfBytes extends Error {
  override readonly name = "OutOfBytes";
  readonly needed: number;
  constructor(needed: number) {
    super(`needs byte ${needed}`);
    this.needed = needed;
  }
}

/** Bytes that follow no rule of PS3.5 section 7. */
export class DamagedDataset extends Error {
  override readonly name = "DamagedDataset";
}

const undefinedLength = 0xffff_ffff;
const item = 0xfffe_e000;
const itemEnd = 0xfffe_e00d;
const sequenceEnd = 0xfffe_e0dd;
const deepest = 32;
/** Value representations whose length takes four bytes after two that are reserved. */
const longForms = new Set(["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"]);

/**
 * The elements from byte `start` up to the one where `until` says stop, the end of an item of open length, or `end`.
 *
 * @throws OutOfBytes where `bytes` ends inside an element, DamagedDataset where they are no data set
 */
export function parseElements(
  bytes: Buffer,
  start: number,
  encoding: Encoding,
  { end = bytes.length, until = () => false, depth = 0 }: ParseLimits = {},
): { readonly dataset: Dataset; readonly next: number } {
  if (depth > deepest) throw new DamagedDataset(`sequences more than ${deepest} deep`);
  const elements = new Map<number, Element>();
  const dataset = { bytes, elements };
  let offset = start;
  while (offset < end) {
    const tag = tagAt(bytes, offset, encoding);
    if (until(tag)) break;
    const { vr, length, valueStart, isOpen } = elementHead(bytes, offset, encoding);
    if (tag === itemEnd) return { dataset, next: valueStart };
    // An unknown element of open length is a sequence of implicit items (PS3.5 section 6.2.2, note on UN).
    const inner = vr === "UN" && isOpen ? { explicit: false, littleEndian: true } : encoding;
    const next = isOpen ? skipItems(bytes, valueStart, inner, depth) : valueStart + length;
    if (next > end && end < bytes.length) throw new DamagedDataset(`${tagName(tag)} goes beyond the item it stands in`);
    if (next > bytes.length) throw new OutOfBytes(next);
    elements.set(tag, { vr, start: valueStart, length: isOpen ? next - valueStart - 8 : length, encoding: inner });
    offset = next;
  }
  return { dataset, next: offset };
}

/** The items of a sequence element, each parsed; none where the element is empty. */
export function itemsOf(parent: Dataset, tag: number): Dataset[] {
  const { bytes, elements } = parent;
  const sequence = elements.get(tag);
  if (sequence === undefined || !(sequence.vr === undefined || ["SQ", "UN"].includes(sequence.vr))) return [];
  const items: Dataset[] = [];
  const end = sequence.start + sequence.length;
  for (let offset = sequence.start; offset < end; ) {
    const head = elementHead(bytes, offset, sequence.encoding);
    if (head.tag !== item) break;
    const itemStop = head.isOpen ? end : head.valueStart + head.length;
    if (itemStop > end) throw new DamagedDataset(`an item of ${tagName(tag)} goes beyond its end`);
    const parsed = parseElements(bytes, head.valueStart, sequence.encoding, { end: itemStop, depth: 1 });
    items.push({ ...parsed.dataset, parent });
    offset = head.isOpen ? parsed.next : itemStop;
  }
  return items;
}

/** What stands before a value: `length` is 0 where it is open, that is, has items or fragments up to a delimiter. */
export interface ElementHead {
  readonly tag: number;
  readonly vr: string | undefined;
  readonly length: number;
  readonly isOpen: boolean;
  readonly valueStart: number;
}

export function elementHead(bytes: Buffer, offset: number, encoding: Encoding): ElementHead {
  const tag = tagAt(bytes, offset, encoding);
  const headOf = (vr: string | undefined, length: number, valueStart: number): ElementHead => {
    const isOpen = length === undefinedLength;
    return { tag, vr, length: isOpen ? 0 : length, isOpen, valueStart };
  };
  const isDelimiter = tag === item || tag === itemEnd || tag === sequenceEnd;
  if (!encoding.explicit || isDelimiter) return headOf(undefined, long(bytes, offset + 4, encoding), offset + 8);
  if (offset + 8 > bytes.length) throw new OutOfBytes(offset + 8);
  const vr = bytes.toString("latin1", offset + 4, offset + 6);
  if (!/^[A-Z]{2}$/.test(vr)) throw new DamagedDataset(`no value representation at byte ${offset + 4}`);
  if (longForms.has(vr)) return headOf(vr, long(bytes, offset + 8, encoding), offset + 12);
  return headOf(vr, short(bytes, offset + 6, encoding), offset + 8);
}

function tagAt(bytes: Buffer, offset: number, encoding: Encoding): number {
  return short(bytes, offset, encoding) * 0x1_0000 + short(bytes, offset + 2, encoding);
}

function short(bytes: Buffer, place: number, { littleEndian }: Encoding): number {
  if (place + 2 > bytes.length) throw new OutOfBytes(place + 2);
  return littleEndian ? bytes.readUInt16LE(place) : bytes.readUInt16BE(place);
}

function long(bytes: Buffer, place: number, { littleEndian }: Encoding): number {
  if (place + 4 > bytes.length) throw new OutOfBytes(place + 4);
  return littleEndian ? bytes.readUInt32LE(place) : bytes.readUInt32BE(place);
}

/** The byte after the delimiter of a sequence (or of encapsulated fragments in a private element) of open length. */
function skipItems(bytes: Buffer, start: number, encoding: Encoding, depth: number): number {
  for (let offset = start; ; ) {
    const { tag, length, valueStart, isOpen } = elementHead(bytes, offset, encoding);
    if (tag === sequenceEnd) return valueStart;
    if (tag !== item) throw new DamagedDataset(`${tagName(tag)} where an item of a sequence should begin`);
    offset = isOpen ? parseElements(bytes, valueStart, encoding, { depth: depth + 1 }).next : valueStart + length;
    if (offset > bytes.length) throw new OutOfBytes(offset);
  }
}
