import type { Dataset } from "./parseElements.ts";
import { type Tag, tags } from "./tags.ts";

/** The text of an element without its padding, UTF-8 where the data set says so; undefined where it is absent or empty. */
export function textOf(dataset: Dataset, { number }: Tag): string | undefined {
  const element = dataset.elements.get(number);
  if (element === undefined) return undefined;
  const end = element.start + element.length;
  const isUtf8 = number !== tags.characterSet.number && characterSetOf(dataset) === "ISO_IR 192";
  const text = dataset.bytes
    .toString(isUtf8 ? "utf8" : "latin1", element.start, end)
    .replace(/[\0 ]+$/, "")
    .trim();
  return text === "" ? undefined : text;
}

function characterSetOf(dataset: Dataset): string | undefined {
  return textOf(dataset, tags.characterSet) ?? (dataset.parent && characterSetOf(dataset.parent));
}

/** The values of a text element, parted at the backslash. */
export function textsOf(dataset: Dataset, tag: Tag): string[] {
  return (
    textOf(dataset, tag)
      ?.split("\\")
      .map((part) => part.trim()) ?? []
  );
}

const binary: Readonly<
  Record<string, { size: number; read: (bytes: Buffer, offset: number, little: boolean) => number }>
> = {
  US: { size: 2, read: (bytes, offset, little) => (little ? bytes.readUInt16LE(offset) : bytes.readUInt16BE(offset)) },
  SS: { size: 2, read: (bytes, offset, little) => (little ? bytes.readInt16LE(offset) : bytes.readInt16BE(offset)) },
  UL: { size: 4, read: (bytes, offset, little) => (little ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset)) },
  SL: { size: 4, read: (bytes, offset, little) => (little ? bytes.readInt32LE(offset) : bytes.readInt32BE(offset)) },
  FL: { size: 4, read: (bytes, offset, little) => (little ? bytes.readFloatLE(offset) : bytes.readFloatBE(offset)) },
  FD: { size: 8, read: (bytes, offset, little) => (little ? bytes.readDoubleLE(offset) : bytes.readDoubleBE(offset)) },
  OV: {
    size: 8,
    read: (bytes, offset, little) => Number(little ? bytes.readBigUInt64LE(offset) : bytes.readBigUInt64BE(offset)),
  },
};

/** The numbers of an element, decimal strings or binary; one that is no number is NaN. None where the element is absent or empty. */
export function numbersOf(dataset: Dataset, tag: Tag): number[] {
  const element = dataset.elements.get(tag.number);
  if (element === undefined) return [];
  const vr = element.vr === undefined || element.vr === "UN" ? tag.vr : element.vr;
  const form = binary[vr];
  if (form === undefined) return textsOf(dataset, tag).map(decimal);
  const numbers: number[] = [];
  for (let offset = 0; offset + form.size <= element.length; offset += form.size) {
    numbers.push(form.read(dataset.bytes, element.start + offset, element.encoding.littleEndian));
  }
  return numbers;
}

export function numberOf(dataset: Dataset, tag: Tag): number | undefined {
  return numbersOf(dataset, tag)[0];
}

function decimal(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}
