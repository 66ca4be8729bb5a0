import { FileError } from "../fileError.ts";
import type { TiffPage } from "./tiffPages.ts";

/** A plane with its first row on top and its first column on the left, as the tag Orientation says; one on its side is a FileError. */
export function turnRows(path: string, plane: Buffer, { orientation, width }: TiffPage, rowBytes: number): Buffer {
  if (orientation === 1 || orientation < 1 || orientation > 8) return plane;
  if (orientation > 4)
    throw new FileError(path, "rows that run across (Orientation 1 to 4)", `Orientation ${orientation}`);
  const isMirrored = orientation === 2 || orientation === 3;
  const isUpsideDown = orientation === 3 || orientation === 4;
  const itemSize = rowBytes / width;
  const rows = plane.length / rowBytes;
  const turned = Buffer.allocUnsafeSlow(plane.length);
  for (let row = 0; row < rows; row++) {
    const target = (isUpsideDown ? rows - 1 - row : row) * rowBytes;
    if (!isMirrored) plane.copy(turned, target, row * rowBytes, (row + 1) * rowBytes);
    for (let column = 0; isMirrored && column < width; column++) {
      const from = row * rowBytes + column * itemSize;
      plane.copy(turned, target + (width - 1 - column) * itemSize, from, from + itemSize);
    }
  }
  return turned;
}
