/** A picture of dots, two by four in each character of a terminal. */
export interface BrailleCanvas {
  readonly columns: number;
  readonly rows: number;
  /** Dots of each character as the low byte of its braille code. */
  readonly dots: Uint8Array;
  /** Which curve drew last in each character; 255 for none. */
  readonly owner: Uint8Array;
}

/** Bits of the eight dots, by row and column. */
const bits = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

const brailleBlock = 0x2800;
export const noOwner = 255;

export function brailleCanvas(columns: number, rows: number): BrailleCanvas {
  const cells = Math.max(0, columns) * Math.max(0, rows);
  return { columns, rows, dots: new Uint8Array(cells), owner: new Uint8Array(cells).fill(noOwner) };
}

/**
 * Sets a dot; x from the left in 0 .. 2 columns, y from the top in 0 .. 4 rows. Outside of the picture nothing happens.
 */
export function setDot(canvas: BrailleCanvas, x: number, y: number, owner: number): void {
  const [column, row] = [x >> 1, y >> 2];
  if (x < 0 || y < 0 || column >= canvas.columns || row >= canvas.rows) return;
  const cell = row * canvas.columns + column;
  canvas.dots[cell]! |= bits[y & 3]![x & 1]!;
  canvas.owner[cell] = owner;
}

/** Dots from one place to another (Bresenham's line). */
export function drawLine(
  canvas: BrailleCanvas,
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
  owner: number,
): void {
  const [dx, dy] = [Math.abs(x1 - x0), -Math.abs(y1 - y0)];
  const [sx, sy] = [x0 < x1 ? 1 : -1, y0 < y1 ? 1 : -1];
  let [x, y, error] = [x0, y0, dx + dy];
  for (;;) {
    setDot(canvas, x, y, owner);
    if (x === x1 && y === y1) return;
    const twice = 2 * error;
    if (twice >= dy) [error, x] = [error + dy, x + sx];
    if (twice <= dx) [error, y] = [error + dx, y + sy];
  }
}

/** The characters of a row in stretches of one owner. */
export function brailleRow(canvas: BrailleCanvas, row: number): { owner: number; text: string }[] {
  const stretches: { owner: number; text: string }[] = [];
  for (let column = 0; column < canvas.columns; column++) {
    const cell = row * canvas.columns + column;
    const owner = canvas.owner[cell]!;
    const text = canvas.dots[cell] === 0 ? " " : String.fromCharCode(brailleBlock + canvas.dots[cell]!);
    const last = stretches.at(-1);
    if (last !== undefined && (last.owner === owner || owner === noOwner)) last.text += text;
    else stretches.push({ owner, text });
  }
  return stretches;
}
