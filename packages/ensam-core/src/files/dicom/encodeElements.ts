/** One element to write: text, numbers of its value representation, bytes, or a sequence's items. */
export interface WrittenElement {
  readonly tag: number;
  readonly vr: string;
  readonly value: string | readonly number[] | Uint8Array | readonly WrittenDataset[];
}

export type WrittenDataset = readonly WrittenElement[];

const longForms = new Set(["OB", "OW", "SQ", "UN", "UT"]);
const item = 0xfffe_e000;

/** The bytes of a data set in explicit little endian (PS3.5 section 7.1), elements in ascending order of their tags. */
export function encodeElements(dataset: WrittenDataset): Buffer[] {
  return dataset
    .toSorted((a, b) => a.tag - b.tag)
    .flatMap((element) => {
      const value = encodeValue(element);
      const length = value.reduce((sum, part) => sum + part.length, 0);
      return [elementHead(element, length), ...value];
    });
}

function elementHead({ tag, vr }: WrittenElement, length: number): Buffer {
  const head = Buffer.alloc(longForms.has(vr) ? 12 : 8);
  writeTag(head, tag);
  head.write(vr, 4, "latin1");
  if (head.length === 12) head.writeUInt32LE(length, 8);
  else head.writeUInt16LE(length, 6);
  return head;
}

function encodeValue({ vr, value }: WrittenElement): Buffer[] {
  if (typeof value === "string") return [padded(Buffer.from(value, "utf8"), vr === "UI" ? 0 : 0x20)];
  if (value instanceof Uint8Array) return [padded(Buffer.from(value.buffer, value.byteOffset, value.length), 0)];
  if (vr === "SQ") return (value as readonly WrittenDataset[]).flatMap(encodeItem);
  return [encodeNumbers(vr, value as readonly number[])];
}

function encodeItem(dataset: WrittenDataset): Buffer[] {
  const parts = encodeElements(dataset);
  const head = Buffer.alloc(8);
  writeTag(head, item);
  head.writeUInt32LE(
    parts.reduce((sum, part) => sum + part.length, 0),
    4,
  );
  return [head, ...parts];
}

/** US, UL, FD, and AT, whose values are tags. */
function encodeNumbers(vr: string, numbers: readonly number[]): Buffer {
  const size = vr === "FD" ? 8 : vr === "US" ? 2 : 4;
  const bytes = Buffer.alloc(size * numbers.length);
  for (const [index, number] of numbers.entries()) {
    if (vr === "FD") bytes.writeDoubleLE(number, index * size);
    else if (vr === "US") bytes.writeUInt16LE(number, index * size);
    else if (vr === "AT") writeTag(bytes, number, index * size);
    else bytes.writeUInt32LE(number, index * size);
  }
  return bytes;
}

function writeTag(bytes: Buffer, tag: number, offset = 0): void {
  bytes.writeUInt16LE(Math.floor(tag / 0x1_0000), offset);
  bytes.writeUInt16LE(tag % 0x1_0000, offset + 2);
}

function padded(bytes: Buffer, padding: number): Buffer {
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.from([padding])]);
}
