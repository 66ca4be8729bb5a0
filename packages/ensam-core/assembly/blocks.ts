// Output channels are computed in blocks of 16, 8 or 4; the last may be wider than the channels it holds.

/** First channel of block `b` of `channels`. */
export function blockBase(channels: usize, b: usize): usize {
  const whole = channels >> 4;
  return b <= whole ? b << 4 : (whole << 4) + 8;
}

/** Width of block `b` of `channels`: 16, 8 or 4. */
export function blockWidth(channels: usize, b: usize): usize {
  const whole = channels >> 4;
  if (b < whole) return 16;
  if (b > whole) return 4;
  const rest = channels & 15;
  return rest > 12 ? 16 : rest > 4 ? 8 : 4;
}

/** How many blocks `channels` take. */
export function blockCount(channels: usize): usize {
  const rest = channels & 15;
  return (channels >> 4) + (rest == 0 ? 0 : rest > 8 && rest <= 12 ? 2 : 1);
}
