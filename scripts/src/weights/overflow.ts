/** The largest half float. */
const largestHalf = 65504;

/** Says which weight a half float cannot hold, as `NAME: expected ..., got ...`; undefined where all fit. */
export function overflowOf(tensors: Readonly<Record<string, { readonly data: Float32Array }>>): string | undefined {
  for (const [name, { data }] of Object.entries(tensors)) {
    const found = data.find((value) => !(Math.abs(value) <= largestHalf));
    if (found !== undefined) return `${name}: expected values that a half float holds, got ${found}`;
  }
  return undefined;
}
