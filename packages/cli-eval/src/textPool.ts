import { rowBlocks } from "./rowBlocks.ts";

/** A great many texts by number, each kept once, in about 15 bytes more than their own. */
export interface TextPool {
  readonly size: number;
  /** The number of a text: 0, 1, 2, ... as they came. */
  add(text: string): number;
  /** The number of a text that was added. */
  find(text: string): number | undefined;
  at(number: number): string;
  /** Below 0 where the first comes before the second: by code units, so that the order is the same in every locale. */
  compare(first: number, second: number): number;
}

const blockBits = 20;
const blockBytes = 1 << blockBits;
/** Behind every text. UTF-8 has no such byte. */
const end = 0xff;

/** @param hash  of the bytes from `start` to {@link end}; texts of one hash are told apart by their bytes */
export function textPool(hash: (bytes: Uint8Array, start: number) => number = fnv1a): TextPool {
  const blocks: Uint8Array[] = [];
  let used = blockBytes;
  /** Where texts begin: the block's number, then the place in it. */
  const starts = rowBlocks(1, (length) => new Uint32Array(length));
  /** Numbers + 1 by hash, 0 where there is none: open addressing, at most three quarters full. */
  let slots = new Uint32Array(1 << 10);
  let size = 0;
  let scratch = new Uint8Array(1 << 10);

  const blockOf = (start: number) => blocks[start >>> blockBits]!;
  const placeOf = (start: number) => start & (blockBytes - 1);

  /** Writes a text into the scratch, each code unit as UTF-8 has it: bytes have the order of code units. */
  const encode = (text: string): number => {
    if (scratch.length < 3 * text.length + 1) scratch = new Uint8Array(6 * text.length);
    let n = 0;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x80) scratch[n++] = unit;
      else {
        if (unit < 0x800) scratch[n++] = 0xc0 | (unit >>> 6);
        else {
          scratch[n++] = 0xe0 | (unit >>> 12);
          scratch[n++] = 0x80 | ((unit >>> 6) & 0x3f);
        }
        scratch[n++] = 0x80 | (unit & 0x3f);
      }
    }
    scratch[n++] = end;
    return n;
  };
  /** The slot of the text in the scratch, or the free one where it belongs. */
  const slotOfScratch = (): number => {
    let slot = hash(scratch, 0) & (slots.length - 1);
    for (; slots[slot] !== 0; slot = (slot + 1) & (slots.length - 1)) {
      const start = starts.at(slots[slot]! - 1);
      if (order(blockOf(start), placeOf(start), scratch, 0) === 0) break;
    }
    return slot;
  };
  const grow = (): void => {
    slots = new Uint32Array(2 * slots.length);
    for (let number = 0; number < size; number++) {
      const start = starts.at(number);
      let slot = hash(blockOf(start), placeOf(start)) & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = number + 1;
    }
  };

  return {
    get size() {
      return size;
    },
    add(text) {
      const length = encode(text);
      let slot = slotOfScratch();
      if (slots[slot] !== 0) return slots[slot]! - 1;
      if (4 * (size + 1) > 3 * slots.length) {
        grow();
        slot = slotOfScratch();
      }
      if (used + length > blockBytes) {
        if (blocks.length === 2 ** (32 - blockBits)) throw new Error("names: expected at most 4 GiB, got more");
        blocks.push(new Uint8Array(Math.max(blockBytes, length)));
        used = 0;
      }
      blocks.at(-1)!.set(scratch.subarray(0, length), used);
      starts.set(size, 0, (blocks.length - 1) * blockBytes + used);
      used += length;
      slots[slot] = ++size;
      return size - 1;
    },
    find(text) {
      encode(text);
      const found = slots[slotOfScratch()]!;
      return found === 0 ? undefined : found - 1;
    },
    at: (number) => decode(blockOf(starts.at(number)), placeOf(starts.at(number))),
    compare(first, second) {
      const [a, b] = [starts.at(first), starts.at(second)];
      return order(blockOf(a), placeOf(a), blockOf(b), placeOf(b));
    },
  };
}

function order(a: Uint8Array, i: number, b: Uint8Array, j: number): number {
  for (; a[i] === b[j]; i++, j++) if (a[i] === end) return 0;
  return a[i] === end ? -1 : b[j] === end ? 1 : a[i]! - b[j]!;
}

function decode(bytes: Uint8Array, start: number): string {
  const length = bytes.indexOf(end, start) - start;
  const units = new Uint16Array(length);
  let count = 0;
  for (let i = start; i < start + length; ) {
    const byte = bytes[i++]!;
    if (byte < 0x80) units[count++] = byte;
    else if (byte < 0xe0) units[count++] = ((byte & 0x1f) << 6) | (bytes[i++]! & 0x3f);
    else units[count++] = ((byte & 0xf) << 12) | ((bytes[i++]! & 0x3f) << 6) | (bytes[i++]! & 0x3f);
  }
  return Buffer.from(units.buffer, 0, 2 * count).toString("utf16le");
}

/** Fowler, Noll and Vo's hash, its bits mixed once more, for tables of a power of two. */
function fnv1a(bytes: Uint8Array, start: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; bytes[i] !== end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
