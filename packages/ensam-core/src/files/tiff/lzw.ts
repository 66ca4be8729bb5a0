const clear = 256;
const end = 257;
const mostCodes = 4096;

/**
 * TIFF's LZW (TIFF 6.0, section 13), at most `size` bytes of it; fewer where the stream ends early, undefined where a
 * code makes no sense. (geotiff's decoder unfolds without bound, a megabyte to some gigabytes, and prints to the
 * console.)
 */
export function unpackLzw(packed: Uint8Array, size: number): Buffer | undefined {
  const bytes = Buffer.alloc(size);
  // What a code stands for is a stretch of what was written before: where it begins and how long it is.
  const starts = new Uint32Array(mostCodes);
  const lengths = new Uint32Array(mostCodes);
  let [next, width, previous, done] = [258, 9, -1, 0];
  let [bits, held] = [0, 0];
  for (let offset = 0; done < size; ) {
    while (held < width && offset < packed.length) {
      bits = ((bits << 8) | packed[offset++]!) & 0xffffff;
      held += 8;
    }
    if (held < width) break;
    held -= width;
    const code = (bits >>> held) & ((1 << width) - 1);
    if (code === end) break;
    if (code === clear) {
      [next, width, previous] = [258, 9, -1];
      continue;
    }
    const begun = done;
    if (code < clear) bytes[done++] = code;
    else if (previous < 0 || code > next || next > mostCodes) return undefined;
    else {
      const isNew = code === next;
      const from = isNew ? done - previousLength(previous, lengths) : starts[code]!;
      const length = isNew ? done - from + 1 : lengths[code]!;
      for (let index = 0; index < length && done < size; index++) bytes[done++] = bytes[from + index]!;
    }
    if (previous >= 0 && next < mostCodes) {
      lengths[next] = previousLength(previous, lengths) + 1;
      starts[next] = begun - lengths[next]! + 1;
      next++;
    }
    previous = code;
    if (next >= (1 << width) - 1 && width < 12) width++;
  }
  return bytes.subarray(0, done);
}

function previousLength(code: number, lengths: Uint32Array): number {
  return code < clear ? 1 : lengths[code]!;
}
