type Numbers = Float64Array | Float32Array | Uint32Array | Uint8Array;

/** Numbers of many rows. */
export interface RowBlocks {
  /** Number `i` of a row that was set. */
  at(row: number, i?: number): number;
  set(row: number, i: number, value: number): void;
}

/** Rows to a block, as a power of two. */
const bits = 14;
const blockRows = 1 << bits;

/**
 * Returns room for `width` numbers to a row, in blocks of rows: growing copies nothing.
 *
 * @param makeBlock  makes a block of so many zeros, whose first row is the one given
 */
export function rowBlocks(width: number, makeBlock: (length: number, firstRow: number) => Numbers): RowBlocks {
  const blocks: Numbers[] = [];
  return {
    at: (row, i = 0) => blocks[row >>> bits]![(row & (blockRows - 1)) * width + i]!,
    set(row, i, value) {
      const block = row >>> bits;
      while (blocks.length <= block) blocks.push(makeBlock(blockRows * width, blocks.length * blockRows));
      blocks[block]![(row & (blockRows - 1)) * width + i] = value;
    },
  };
}
