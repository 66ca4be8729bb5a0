/** TIFF's PackBits (TIFF 6.0, section 9), at most `size` bytes of it; fewer where the stream ends early. */
export function unpackPackBits(packed: Uint8Array, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let done = 0;
  for (let offset = 0; offset < packed.length && done < size; ) {
    const count = packed[offset++]!;
    if (count === 128) continue; // Means nothing, by definition.
    if (count < 128) {
      const run = packed.subarray(offset, Math.min(offset + count + 1, offset + size - done));
      bytes.set(run, done);
      done += run.length;
      offset += count + 1;
    } else if (offset < packed.length) {
      const run = Math.min(257 - count, size - done);
      bytes.fill(packed[offset++]!, done, done + run);
      done += run;
    }
  }
  return bytes.subarray(0, done);
}
