/** A rectangle of pixels, row after row, 1 inside and 0 outside. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly rows: number;
  readonly columns: number;
}

/** Returns the outline of the inside as SVG path data along pixel edges, in pixels; "" for an empty one. */
export function outlinePath({ data, rows, columns }: Pixels): string {
  const at = (row: number, column: number) =>
    row >= 0 && row < rows && column >= 0 && column < columns ? data[row * columns + column]! : 0;
  const parts: string[] = [];
  for (let row = 0; row <= rows; row++) {
    for (const [from, to] of runs(columns, (column) => at(row - 1, column) !== at(row, column)))
      parts.push(`M${from} ${row}H${to}`);
  }
  for (let column = 0; column <= columns; column++) {
    for (const [from, to] of runs(rows, (row) => at(row, column - 1) !== at(row, column)))
      parts.push(`M${column} ${from}V${to}`);
  }
  return parts.join("");
}

/** Returns the inside itself as SVG path data, one rectangle per run of pixels in a row. */
export function areaPath({ data, rows, columns }: Pixels): string {
  const parts: string[] = [];
  for (let row = 0; row < rows; row++) {
    for (const [from, to] of runs(columns, (column) => data[row * columns + column] === 1))
      parts.push(`M${from} ${row}H${to}v1H${from}z`);
  }
  return parts.join("");
}

/** Yields the half-open ranges of 0 to count - 1 in which a claim holds. */
function* runs(count: number, holds: (index: number) => boolean): Generator<[from: number, to: number]> {
  let start = -1;
  for (let i = 0; i <= count; i++) {
    const inside = i < count && holds(i);
    if (inside && start < 0) start = i;
    if (!inside && start >= 0) {
      yield [start, i];
      start = -1;
    }
  }
}
