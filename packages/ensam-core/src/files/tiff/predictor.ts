/**
 * Undoes TIFF's horizontal differencing (predictor 2) in place, on rows of little-endian integers of `itemSize` bytes
 * whose neighbours of the same sample lie `stride` items apart.
 */
export function undoDifferences(bytes: Buffer, rowBytes: number, itemSize: number, stride: number): void {
  for (let row = 0; row + rowBytes <= bytes.length; row += rowBytes) {
    const values = valuesOf(bytes, row, rowBytes, itemSize);
    for (let offset = stride; offset < values.length; offset++)
      values[offset] = add(values[offset]!, values[offset - stride]!);
  }
}

/** Typed arrays wrap as the differences do. */
function add<Value extends number | bigint>(a: Value, b: Value): Value {
  return (typeof a === "bigint" ? (a as bigint) + (b as bigint) : (a as number) + (b as number)) as Value;
}

function valuesOf(bytes: Buffer, row: number, length: number, itemSize: number) {
  const start = bytes.byteOffset + row;
  if (itemSize === 1) return new Uint8Array(bytes.buffer, start, length);
  if (itemSize === 2) return new Uint16Array(bytes.buffer, start, length / 2);
  if (itemSize === 4) return new Uint32Array(bytes.buffer, start, length / 4);
  return new BigUint64Array(bytes.buffer, start, length / 8) as unknown as { [index: number]: number; length: number };
}

/**
 * Undoes TIFF's floating point predictor (3; Adobe Photoshop TIFF Technical Note 3) in place: each row holds the
 * differences of its bytes, all highest bytes first. The floats come out little-endian whatever the file's byte order.
 */
export function undoFloatPredictor(bytes: Buffer, rowBytes: number, itemSize: number, stride: number): void {
  const count = rowBytes / itemSize;
  const planes = Buffer.alloc(rowBytes);
  for (let row = 0; row + rowBytes <= bytes.length; row += rowBytes) {
    bytes.copy(planes, 0, row, row + rowBytes);
    for (let offset = stride; offset < rowBytes; offset++) planes[offset] = planes[offset]! + planes[offset - stride]!;
    for (let item = 0; item < count; item++) {
      for (let byte = 0; byte < itemSize; byte++) {
        bytes[row + item * itemSize + byte] = planes[(itemSize - 1 - byte) * count + item]!;
      }
    }
  }
}
