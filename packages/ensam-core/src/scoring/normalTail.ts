/** The share of the standard normal distribution above z: 1/2 erfc(z / sqrt 2), to about 1e-14 of its value. */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 3) {
    // 1/2 - density (z + z^3 / 3 + z^5 / (3 5) + ...)
    let term = z;
    let sum = z;
    for (let n = 3; term > 1e-17 * sum; n += 2) {
      term *= (z * z) / n;
      sum += term;
    }
    return 0.5 - density * sum;
  }
  // Laplace's continued fraction: density / (z + 1 / (z + 2 / (z + 3 / ...)))
  let fraction = z;
  for (let n = 120; n >= 1; n--) fraction = z + n / fraction;
  return density / fraction;
}
