/**
 * Rows of values of `bits` bits (1 to 15), highest bit first, each row beginning on a byte, as bytes, or little-endian
 * pairs of bytes beyond 8 bits; `count` values a row.
 */
export function unpackBits(bytes: Buffer, bits: number, rowBytes: number, count: number): Buffer {
  const rows = Math.floor(bytes.length / rowBytes);
  const itemSize = bits > 8 ? 2 : 1;
  const items = Buffer.allocUnsafeSlow(rows * count * itemSize);
  const mask = (1 << bits) - 1;
  for (let row = 0, to = 0; row < rows; row++) {
    let [held, value, offset] = [0, 0, row * rowBytes];
    for (let index = 0; index < count; index++, to += itemSize) {
      while (held < bits) {
        value = ((value << 8) | bytes[offset++]!) & 0xffffff;
        held += 8;
      }
      held -= bits;
      const item = (value >>> held) & mask;
      items[to] = item & 255;
      if (itemSize === 2) items[to + 1] = item >>> 8;
    }
  }
  return items;
}
