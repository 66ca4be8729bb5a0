import { InputError } from "@ensam/core/command";
import type { Grid } from "@ensam/core/voxels";

/** The image as 8-bit voxels: as it is, or the same values out of a wider type. Other values are an InputError. */
export function eightBit(where: string, image: Grid): Grid<Uint8Array> {
  const { data, shape } = image;
  if (data instanceof Uint8Array) return { data, shape };
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    bytes[i] = data[i]!;
    if (bytes[i] === data[i]) continue;
    throw new InputError(
      `${where}: imgs: expected whole numbers from 0 to 255, got ${data[i]} (ensam-preprocess makes them)`,
    );
  }
  return { data: bytes, shape };
}
