/** CIELab as DICOM scales it: 16 bits for L* of 0..100, a* and b* of -128..127 (PS3.3 C.10.7.1.1), from sRGB under D65. */
export function cieLabOf(colour: readonly [number, number, number]): [number, number, number] {
  const linear = colour.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const xyz = [
    (0.4124 * linear[0] + 0.3576 * linear[1] + 0.1805 * linear[2]) / 0.9505,
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2],
    (0.0193 * linear[0] + 0.1192 * linear[1] + 0.9505 * linear[2]) / 1.089,
  ].map((value) => (value > 216 / 24389 ? Math.cbrt(value) : ((24389 / 27) * value + 16) / 116)) as [
    number,
    number,
    number,
  ];
  const [lightness, a, b] = [116 * xyz[1] - 16, 500 * (xyz[0] - xyz[1]), 200 * (xyz[1] - xyz[2])];
  const scaled = (part: number): number => Math.round(Math.min(1, Math.max(0, part)) * 65535);
  return [scaled(lightness / 100), scaled((a + 128) / 255), scaled((b + 128) / 255)];
}
