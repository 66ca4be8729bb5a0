/** IEEE 754 half precision in 16-bit words: 1 sign bit, 5 exponent bits, 10 of the fraction. */

const floats = new Float32Array(1);
const words = new Uint32Array(floats.buffer);

/** The nearest halves, ties to even, as words; values from 65520 on become infinite. */
export function toHalf(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, halfWord);
}

/** The values of half words, exact. */
export function fromHalf(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, (word) => {
    const sign = word & 0x8000 ? -1 : 1;
    const [exponent, fraction] = [(word >> 10) & 31, word & 1023];
    if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
  });
}

function halfWord(value: number): number {
  floats[0] = value;
  const word = words[0]!;
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // Not a number.
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and more.
  // Below 2^-14 halves are multiples of 2^-24: JavaScript rounds half up, so a tie is turned to even.
  if (magnitude < 0x38800000) return sign | roundedToEven(Math.abs(value) * 2 ** 24);
  return sign | (roundedToEven(magnitude / 8192) - (112 << 10));
}

function roundedToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}
