/** Intensities 0..255 as 0..1. */
export function unitIntensities(values: Uint8Array): Float32Array {
  const scaled = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) scaled[i] = values[i]! / 255;
  return scaled;
}
