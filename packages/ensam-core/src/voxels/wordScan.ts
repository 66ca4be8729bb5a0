import type { VoxelArray } from "./grid.ts";

/**
 * The same memory four bytes at a time, so that stretches of zeros are passed over faster; undefined where the values
 * are as large as that themselves or do not start on a word.
 */
export function wordsOf(data: VoxelArray): Uint32Array | undefined {
  if (data.BYTES_PER_ELEMENT > 2 || data.byteOffset % 4 !== 0) return undefined;
  return new Uint32Array(data.buffer, data.byteOffset, Math.floor(data.byteLength / 4));
}

/** The first index from `from` on whose value is not 0, or the length. `words` are those of the data. */
export function nextNonZero(data: VoxelArray, words: Uint32Array | undefined, from: number): number {
  const n = data.length;
  let i = from;
  if (words !== undefined) {
    const shift = data.BYTES_PER_ELEMENT === 1 ? 2 : 1;
    const inWord = (1 << shift) - 1;
    while (i < n && (i & inWord) !== 0 && data[i] === 0) i++;
    if ((i & inWord) === 0) {
      let word = i >> shift;
      while (word < words.length && words[word] === 0) word++;
      i = word << shift;
    }
  }
  while (i < n && data[i] === 0) i++;
  return i;
}

/** The first index from `from` on at which two arrays differ, or the length. Words as in {@link nextNonZero}. */
export function nextDifference(
  a: VoxelArray,
  b: VoxelArray,
  wordsA: Uint32Array | undefined,
  wordsB: Uint32Array | undefined,
  from: number,
): number {
  const n = a.length;
  let i = from;
  if (wordsA !== undefined && wordsB !== undefined && a.BYTES_PER_ELEMENT === b.BYTES_PER_ELEMENT) {
    const shift = a.BYTES_PER_ELEMENT === 1 ? 2 : 1;
    const inWord = (1 << shift) - 1;
    while (i < n && (i & inWord) !== 0 && a[i] === b[i]) i++;
    if ((i & inWord) === 0) {
      let word = i >> shift;
      while (word < wordsA.length && wordsA[word] === wordsB[word]) word++;
      i = word << shift;
    }
  }
  while (i < n && a[i] === b[i]) i++;
  return i;
}
