/**
 * The mean as numpy computes it, to the last bit: sums in pairs, with eight running sums for up to 128 values and
 * halves of longer lists. NaN for an empty list.
 */
export function mean(values: ArrayLike<number>): number {
  return pairwiseSum(values, 0, values.length) / values.length;
}

function pairwiseSum(values: ArrayLike<number>, from: number, count: number): number {
  if (count < 8) {
    let sum = 0;
    for (let i = from; i < from + count; i++) sum += values[i]!;
    return sum;
  }
  if (count > 128) {
    const half = (count >> 1) - ((count >> 1) % 8);
    return pairwiseSum(values, from, half) + pairwiseSum(values, from + half, count - half);
  }
  const sums = Array.from({ length: 8 }, (_, i) => values[from + i]!);
  const full = count - (count % 8);
  for (let i = 8; i < full; i++) sums[i % 8]! += values[from + i]!;
  const [a, b, c, d, e, f, g, h] = sums as [number, number, number, number, number, number, number, number];
  let sum = a + b + (c + d) + (e + f + (g + h));
  for (let i = full; i < count; i++) sum += values[from + i]!;
  return sum;
}
