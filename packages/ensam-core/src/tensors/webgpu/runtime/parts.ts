/**
 * A tensor larger than a buffer may be lies in several: its parts, all but the last of the same size. That is a power
 * of two, so a shader finds the part of an index by a shift, and neither numbers nor vectors of 4 straddle two parts.
 */
export function partBytesOf(largestBytes: number): number {
  return 2 ** Math.floor(Math.log2(largestBytes));
}

/** Bytes of each part of so many bytes: a single one where they fit into a buffer. */
export function partSizes(bytes: number, largestBytes: number): number[] {
  if (bytes <= largestBytes) return [bytes];
  const whole = partBytesOf(largestBytes);
  const count = Math.ceil(bytes / whole);
  return Array.from({ length: count }, (_, i) => Math.min(whole, bytes - i * whole));
}

/** Slabs that one dispatch takes, and the parts of the map that they lie in. */
export interface Stretch {
  readonly firstSlab: number;
  readonly slabs: number;
  readonly firstPart: number;
  readonly parts: number;
}

/**
 * The slabs of a map in several parts, by stretches that lie in two parts each (in more where a slab itself does), so
 * that a dispatch binds few buffers however many parts there are.
 *
 * @param count    elements of the whole map
 * @param perSlab  elements of each slab but the last
 * @param perPart  elements of each part but the last
 */
export function stretches(count: number, perSlab: number, perPart: number): Stretch[] {
  const slabs = Math.ceil(count / perSlab);
  const lastPart = (slab: number) => Math.floor((Math.min((slab + 1) * perSlab, count) - 1) / perPart);
  const found: Stretch[] = [];
  for (let slab = 0; slab < slabs; ) {
    const firstPart = Math.floor((slab * perSlab) / perPart);
    let end = slab + 1;
    while (end < slabs && lastPart(end) <= firstPart + 1) end++;
    const parts = lastPart(end - 1) - firstPart + 1;
    found.push({ firstSlab: slab, slabs: end - slab, firstPart, parts });
    slab = end;
  }
  return found;
}
