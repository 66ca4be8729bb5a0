import { FileError } from "../fileError.ts";

const item = 0xfffe_e000;
const sequenceEnd = 0xfffe_e0dd;

/** One fragment of encapsulated pixels; `at` is where its item begins, counted from the end of the offset table. */
interface Fragment {
  readonly at: number;
  readonly bytes: Buffer;
}

/**
 * The compressed bytes of each frame (PS3.5 annex A.4): one fragment a frame, or those between the places that the
 * offset table names.
 *
 * @param bytes            from the first item (the offset table) on, to the end of the file
 * @param extendedOffsets  the table of 64-bit offsets, where the file has one
 */
export function framesOfFragments(
  name: string,
  bytes: Buffer,
  frameCount: number,
  extendedOffsets: readonly number[],
): Buffer[] {
  const { table, fragments } = readItems(name, bytes);
  if (frameCount === 1) return [joined(fragments)];
  const offsets = extendedOffsets.length === frameCount ? extendedOffsets : table;
  if (offsets.length === frameCount) {
    return offsets.map((start, index) => {
      const end = offsets[index + 1] ?? Number.POSITIVE_INFINITY;
      const ofFrame = fragments.filter(({ at }) => at >= start && at < end);
      if (ofFrame[0]?.at !== start) throw damaged(name, `an offset table without a fragment at ${start}`);
      return joined(ofFrame);
    });
  }
  if (fragments.length === frameCount) return fragments.map((fragment) => fragment.bytes);
  throw damaged(name, `${fragments.length} fragments for ${frameCount} frames and no table that parts them`);
}

function readItems(name: string, bytes: Buffer): { table: number[]; fragments: Fragment[] } {
  let table: number[] | undefined;
  let tableEnd = 0;
  const fragments: Fragment[] = [];
  for (let offset = 0; ; ) {
    if (offset + 8 > bytes.length) throw damaged(name, "pixel fragments that are cut off");
    const tag = bytes.readUInt16LE(offset) * 0x1_0000 + bytes.readUInt16LE(offset + 2);
    const length = bytes.readUInt32LE(offset + 4);
    if (tag === sequenceEnd) return { table: table ?? [], fragments };
    if (tag !== item) throw damaged(name, "something else where a pixel fragment should begin");
    const next = offset + 8 + length;
    if (next > bytes.length) throw damaged(name, "a pixel fragment that is cut off");
    const content = bytes.subarray(offset + 8, next);
    if (table === undefined) {
      table = Array.from({ length: Math.floor(length / 4) }, (_, index) => content.readUInt32LE(index * 4));
      tableEnd = next;
    } else fragments.push({ at: offset - tableEnd, bytes: content });
    offset = next;
  }
}

function joined(fragments: readonly Fragment[]): Buffer {
  return fragments.length === 1 ? fragments[0]!.bytes : Buffer.concat(fragments.map(({ bytes }) => bytes));
}

function damaged(name: string, got: string): FileError {
  return new FileError(name, "undamaged compressed pixels", got);
}
