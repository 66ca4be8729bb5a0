/**
 * Four 32-bit words, the first never 0, that depend on every seed and name and on their order: the start of a random
 * stream. Each word is a Murmur3 hash of the same text with another start value. A number and the text that spells it
 * differ.
 */
export function streamState(
  seeds: readonly number[],
  names: readonly (string | number)[],
): [number, number, number, number] {
  const text = JSON.stringify([seeds, names], (_key, value) => (Object.is(value, -0) ? 0 : value));
  if (![...seeds, ...names].every((part) => typeof part === "string" || Number.isFinite(part))) {
    throw new Error(`randomStream: expected finite seeds and names, got ${[...seeds, ...names].join(", ")}`);
  }
  const words = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x6a09e667].map((start) => murmur3(text, start));
  const [first, second, third, fourth] = words as [number, number, number, number];
  return [first === 0 ? 1 : first, second, third, fourth];
}

/** Murmur3 (32 bits, public domain, Austin Appleby) of a text's UTF-16 units, one block for each unit. */
function murmur3(text: string, start: number): number {
  let hash = start | 0;
  for (let i = 0; i < text.length; i++) {
    let block = Math.imul(text.charCodeAt(i), 0xcc9e2d51);
    block = (block << 15) | (block >>> 17);
    hash ^= Math.imul(block, 0x1b873593);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  hash ^= text.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}
