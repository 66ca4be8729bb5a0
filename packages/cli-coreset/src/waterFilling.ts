/**
 * Returns the highest common ceiling with which datasets of these sizes, each giving all it has up to the ceiling,
 * stay within the budget: sum of min(size, ceiling) <= budget. Infinity if everything fits.
 *
 * It is found like the level of water poured into vessels: smallest first, each either holds its share of what
 * is left, or is full below it.
 */
export function commonCeiling(sizes: readonly number[], budget: number): number {
  const ascending = [...sizes].sort((a, b) => a - b);
  let left = budget;
  for (const [index, size] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - index));
    if (size > share) return share;
    left -= size;
  }
  return Number.POSITIVE_INFINITY;
}
