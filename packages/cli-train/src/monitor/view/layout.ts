export type PanelName = "loss" | "dsc" | "rate" | "now" | "validation" | "checkpoints" | "notes" | "slice";

export interface PanelRow {
  readonly height: number;
  readonly panels: readonly { readonly name: PanelName; readonly width: number }[];
}

export interface LayoutInput {
  readonly columns: number;
  /** Lines for panels: without header and footer. */
  readonly rows: number;
  /** Lines the table of the validation would like. */
  readonly tableRows: number;
  readonly hasSlice: boolean;
}

/** Columns between panels. */
const gap = 2;
const wideColumns = 150;
const mediumColumns = 100;

/** Which panels are shown where: rows of panels that together fill the space. */
export function layout(input: LayoutInput): PanelRow[] {
  if (input.columns >= wideColumns) return wide(input);
  if (input.columns >= mediumColumns) return medium(input);
  return narrow(input);
}

function narrow({ columns, rows, tableRows, hasSlice }: LayoutInput): PanelRow[] {
  if (rows < 6) return [row(Math.max(0, rows), columns, ["loss", "dsc"], [1, 1])];
  const table = clamp(tableRows, 6, rows >= 30 ? 12 : 8);
  const notes = rows >= 17 ? clamp(Math.floor(rows / 6), 3, 6) : 0;
  const picture = hasSlice && rows >= 30 ? Math.floor(rows / 3) : 0;
  const charts = rows - table - notes - picture;
  if (charts < 5) return [row(rows, columns, ["loss", "dsc"], [1, 1])];
  return [
    row(charts, columns, ["loss", "dsc"], [1, 1]),
    row(table, columns, ["now", "validation"], [5, 8]),
    ...(picture > 0 ? [row(picture, columns, ["slice"], [1])] : []),
    ...(notes > 0 ? [row(notes, columns, ["checkpoints", "notes"], [5, 8])] : []),
  ];
}

function medium({ columns, rows, tableRows, hasSlice }: LayoutInput): PanelRow[] {
  if (rows < 26) return narrow({ columns, rows, tableRows, hasSlice });
  const notes = clamp(Math.floor(rows / 6), 4, 9);
  const middle = clamp(Math.max(tableRows, hasSlice ? Math.floor(rows / 3) : 0), 11, Math.floor(rows / 2.5));
  return [
    row(rows - middle - notes, columns, ["loss", "dsc"], [1, 1]),
    row(middle, columns, hasSlice ? ["now", "validation", "slice"] : ["now", "validation", "rate"], [9, 15, 11]),
    row(notes, columns, ["checkpoints", "notes"], [1, 2]),
  ];
}

function wide({ columns, rows, tableRows, hasSlice }: LayoutInput): PanelRow[] {
  if (rows < 26) return narrow({ columns, rows, tableRows, hasSlice });
  const notes = clamp(Math.floor(rows / 6), 4, 9);
  const middle = clamp(Math.max(tableRows, hasSlice ? Math.floor(rows / 2.6) : 0), 11, Math.floor(rows / 2.2));
  return [
    row(rows - middle - notes, columns, ["loss", "dsc", "rate"], [5, 5, 3]),
    row(middle, columns, hasSlice ? ["now", "validation", "slice"] : ["now", "validation"], [3, 4, 6]),
    row(notes, columns, ["checkpoints", "notes"], [3, 10]),
  ];
}

function row(height: number, columns: number, names: readonly PanelName[], shares: readonly number[]): PanelRow {
  const space = columns - gap * (names.length - 1);
  const whole = names.reduce((total, _, i) => total + shares[i]!, 0);
  let left = space;
  const panels = names.map((name, i) => {
    const width = i === names.length - 1 ? left : Math.floor((space * shares[i]!) / whole);
    left -= width;
    return { name, width };
  });
  return { height, panels };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
