/** A row as it stands in a log: fields are checked where they are used, since the log may be of another version. */
export interface LogRow {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The row of a line; undefined if it is not one. */
export function parseRow(line: string): LogRow | undefined {
  try {
    const row: unknown = JSON.parse(line);
    return isRecord(row) && typeof row.type === "string" ? (row as LogRow) : undefined;
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function finite(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** DSC after the box and after each click; undefined where there was no interaction. */
export function scores(value: unknown): (number | undefined)[] {
  return Array.isArray(value) ? value.map(finite) : [];
}
