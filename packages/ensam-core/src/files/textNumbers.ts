import { FileError } from "./fileError.ts";

/** The `size` bytes in text of hexadecimal digits, whitespace left out; fewer, and anything else in it, are a FileError. */
export function hexBytes(path: string, text: Buffer, size: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(size);
  let digits = 0;
  for (const code of text) {
    if (code === 32 || (code >= 9 && code <= 13)) continue;
    const digit = digitOf(code);
    if (digit === undefined) throw new FileError(path, "hexadecimal digits", JSON.stringify(String.fromCharCode(code)));
    const middle = digits >> 1;
    if (middle >= size) throw new FileError(path, `${size} bytes of voxels`, "more");
    bytes[middle] = digits % 2 === 0 ? digit << 4 : bytes[middle]! | digit;
    digits++;
  }
  if (digits !== 2 * size) throw new FileError(path, `${size} bytes of voxels`, `${digits / 2}`);
  return bytes;
}

function digitOf(code: number): number | undefined {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : undefined;
}

/** Little-endian writers of one number, and the smallest and largest that the type holds. */
const writers = {
  i1: [(bytes, value, offset) => bytes.writeInt8(value, offset), -128, 127],
  u1: [(bytes, value, offset) => bytes.writeUInt8(value, offset), 0, 255],
  i2: [(bytes, value, offset) => bytes.writeInt16LE(value, offset), -32768, 32767],
  u2: [(bytes, value, offset) => bytes.writeUInt16LE(value, offset), 0, 65535],
  i4: [(bytes, value, offset) => bytes.writeInt32LE(value, offset), -(2 ** 31), 2 ** 31 - 1],
  u4: [(bytes, value, offset) => bytes.writeUInt32LE(value, offset), 0, 2 ** 32 - 1],
  i8: [(bytes, value, offset) => bytes.writeBigInt64LE(BigInt(value), offset), -(2 ** 53), 2 ** 53],
  u8: [(bytes, value, offset) => bytes.writeBigUInt64LE(BigInt(value), offset), 0, 2 ** 53],
  f4: [(bytes, value, offset) => bytes.writeFloatLE(value, offset), Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  f8: [
    (bytes, value, offset) => bytes.writeDoubleLE(value, offset),
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  ],
} as const satisfies Record<
  string,
  readonly [(bytes: Buffer, value: number, offset: number) => unknown, number, number]
>;

/**
 * The numbers in text, parted by whitespace or commas, as little-endian bytes of `type` ("i2"), `size` of them in all.
 * Another count, a word that is no number, and one that the type cannot hold are a FileError.
 */
export function textNumbers(path: string, text: Buffer, type: string, size: number): Buffer {
  const [write, smallest, largest] = writers[type as keyof typeof writers];
  const width = Number(type.slice(1));
  const isFloat = type.startsWith("f");
  const bytes = Buffer.allocUnsafeSlow(size);
  let offset = 0;
  for (const word of words(text)) {
    const value = numberOf(word);
    const fits = isFloat ? value !== undefined : Number.isInteger(value) && value! >= smallest && value! <= largest;
    if (!fits) throw new FileError(path, `numbers of type ${type}`, JSON.stringify(word.slice(0, 40)));
    if (offset >= size) throw new FileError(path, `${size / width} numbers`, "more");
    write(bytes, value!, offset);
    offset += width;
  }
  if (offset < size) throw new FileError(path, `${size / width} numbers`, `${offset / width}`);
  return bytes;
}

function* words(text: Buffer): Generator<string> {
  for (let offset = 0; offset < text.length; ) {
    while (offset < text.length && isGap(text[offset]!)) offset++;
    const start = offset;
    while (offset < text.length && !isGap(text[offset]!)) offset++;
    if (offset > start) yield text.toString("latin1", start, offset);
  }
}

function isGap(code: number): boolean {
  return code === 32 || code === 44 || (code >= 9 && code <= 13);
}

function numberOf(word: string): number | undefined {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word)) return Number(word);
  if (/^[+-]?nan$/i.test(word)) return Number.NaN;
  const infinite = /^([+-]?)inf(inity)?$/i.exec(word);
  if (infinite) return infinite[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return undefined;
}
