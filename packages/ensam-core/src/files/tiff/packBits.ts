/** TIFF's PackBits (TIFF 6.0, section 9), at most `size` bytes of it; fewer where the stream ends early. */
export function unpackPackBits(packed: Uint8Array, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let done = 0;
  for (let at = 0; at < packed.length && done < size; ) {
    const count = packed[at++]!;
    if (count === 128) continue; // Means nothing, by definition.
    if (count < 128) {
      const run = packed.subarray(at, Math.min(at + count + 1, at + size - done));
      bytes.set(run, done);
      done += run.length;
      at += count + 1;
    } else if (at < packed.length) {
      const run = Math.min(257 - count, size - done);
      bytes.fill(packed[at++]!, done, done + run);
      done += run;
    }
  }
  return bytes.subarray(0, done);
}
