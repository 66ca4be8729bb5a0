import type { Phantom } from "./phantom.ts";

const RANGES = { int16: [-32768, 32767], uint16: [0, 65535], uint8: [0, 255] } as const;

/** Returns intensities in the type their scanner would store; whole numbers are rounded and kept in range. */
export function storedAs(
  data: Float32Array,
  type: Phantom["stored"],
): Float32Array | Int16Array | Uint16Array | Uint8Array {
  if (type === "float32") return data;
  const [low, high] = RANGES[type];
  const stored =
    type === "int16"
      ? new Int16Array(data.length)
      : type === "uint16"
        ? new Uint16Array(data.length)
        : new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) stored[i] = Math.min(high, Math.max(low, Math.round(data[i]!)));
  return stored;
}
