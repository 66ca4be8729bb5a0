/** A tag of a made TIFF: 2 text, 3 and 4 whole numbers of 2 and 4 bytes, 5 fractions (pairs of numbers), 16 numbers of 8 bytes. */
export type MadeTag = readonly [number: number, type: 2 | 3 | 4 | 5 | 16, value: string | readonly number[]];

export interface MadePage {
  readonly width: number;
  readonly height: number;
  /** The strips or tiles, packed as the tags say. */
  readonly chunks: readonly Uint8Array[];
  /** Further tags, and such that replace the usual ones: 8 bits, no compression, one strip, 0 is black. */
  readonly tags?: readonly MadeTag[];
}

const itemSizes = { 2: 1, 3: 2, 4: 4, 5: 8, 16: 8 } as const;
const tileOffsets = 324;

/** The bytes of a TIFF of these pages: header, then of each page its pixels and its directory. */
export function madeTiff(pages: readonly MadePage[], { big = false, littleEndian = true } = {}): Buffer {
  const word = big ? 8 : 4;
  const number = (value: number, size: number): Buffer => {
    const bytes = Buffer.alloc(size);
    if (size === 8) bytes.writeBigUInt64LE(BigInt(value));
    else bytes.writeUIntLE(value, 0, size);
    return littleEndian ? bytes : bytes.reverse();
  };
  const parts = [Buffer.from(littleEndian ? "II" : "MM"), number(big ? 43 : 42, 2)];
  if (big) parts.push(number(8, 2), number(0, 2));
  let length = big ? 16 : 8;
  const directories: Buffer[] = [];
  let pointer = parts.push(Buffer.alloc(word)) - 1;
  const put = (bytes: Uint8Array): number => {
    const at = length;
    parts.push(Buffer.from(bytes));
    length += bytes.length;
    return at;
  };
  for (const page of pages) {
    const offsets = page.chunks.map(put);
    const entries = tagsOf(page, offsets).map(([tag, type, value]) => {
      const bytes =
        typeof value === "string"
          ? Buffer.from(`${value}\0`)
          : Buffer.concat(value.map((item) => number(item, type === 5 ? 4 : itemSizes[type])));
      const content =
        bytes.length <= word ? Buffer.concat([bytes, Buffer.alloc(word - bytes.length)]) : number(put(bytes), word);
      return Buffer.concat([number(tag, 2), number(type, 2), number(bytes.length / itemSizes[type], word), content]);
    });
    parts[pointer] = number(length, word);
    put(Buffer.concat([number(entries.length, big ? 8 : 2), ...entries]));
    pointer = parts.push(Buffer.alloc(word)) - 1;
    length += word;
  }
  return Buffer.concat([...parts, ...directories]);
}

function tagsOf({ width, height, chunks, tags = [] }: MadePage, offsets: readonly number[]): MadeTag[] {
  const isTiled = tags.some(([tag]) => tag === 322);
  const usual: MadeTag[] = [
    [256, 4, [width]],
    [257, 4, [height]],
    [258, 3, [8]],
    [259, 3, [1]],
    [262, 3, [1]],
    [277, 3, [1]],
    ...(isTiled ? [] : ([[278, 4, [height]]] as MadeTag[])),
    [isTiled ? tileOffsets : 273, 4, offsets],
    [isTiled ? tileOffsets + 1 : 279, 4, chunks.map((chunk) => chunk.length)],
  ];
  const kept = usual.filter(([tag]) => !tags.some(([other]) => other === tag));
  return [...kept, ...tags].sort(([a], [b]) => a - b);
}
