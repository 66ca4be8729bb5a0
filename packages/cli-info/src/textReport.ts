import type { ImageRow } from "@ensam/core/command";

const directions: Readonly<Record<string, string>> = {
  L: "left",
  R: "right",
  A: "the front",
  P: "the back",
  S: "up",
  I: "down",
};

/** The row as lines for people; voxels are (z, y, x), as everywhere in these commands. */
export function textReport(row: ImageRow): string[] {
  const { shape, spacing, axes, values, unit, series, labels } = row;
  const zyx = (numbers: readonly (number | string)[]) => numbers.join(" x ");
  const facts: [string, string][] = [
    ["format", `${row.format}, ${row.stored}`],
    ["shape", `${zyx(shape)} voxels (z, y, x)`],
    [
      "spacing",
      `${zyx(spacing.map(short))} mm (z, y, x); extent ${zyx(shape.map((n, i) => short(n * spacing[i]!)))} mm`,
    ],
    ["axes", axesWords(axes, row.isSheared)],
    ["values", values === null ? "none that is finite" : valueWords(values, unit)],
  ];
  if (row.notFinite > 0) facts.push(["", `${row.notFinite} voxels are NaN or infinite`]);
  if (series !== null) {
    const { number, modality, description, seriesUid } = series as Record<string, unknown>;
    facts.push([
      "series",
      [`${number}) ${modality}`, description ? ` "${description}"` : "", seriesUid ? `, ${seriesUid}` : ""].join(""),
    ]);
  }
  const counted = Object.entries(labels ?? {});
  for (const [label, { voxels, volumeMm3, name }] of counted.filter(([, { voxels }]) => voxels > 0)) {
    facts.push([`label ${label}`, `${name ? `${name}: ` : ""}${voxels} voxels, ${short(volumeMm3 / 1000)} ml`]);
  }
  const absent = counted.filter(([, { voxels }]) => voxels === 0).map(([label, { name }]) => `${label} ${name}`);
  if (absent.length > 0)
    facts.push([
      "no voxel",
      `of ${absent.slice(0, 8).join(", ")}${absent.length > 8 ? ` and ${absent.length - 8} more labels` : ""}`,
    ]);
  if (labels !== null && Object.keys(labels).length === 0) facts.push(["labels", "none: all background"]);
  facts.push(...row.warnings.map((text): [string, string] => ["warning", text]));
  facts.push(...row.notes.map((text): [string, string] => ["note", text]));
  return [row.image, ...facts.map(([key, text]) => `  ${key.padEnd(9)} ${text}`)];
}

function axesWords(axes: string | null, isSheared: boolean): string {
  if (axes === null) return "the file states no orientation";
  const [x, y, z] = [...axes].map((letter) => directions[letter] ?? letter);
  return `${axes}: x to ${x}, y to ${y}, z ${z!.replace(/^(left|right|the)/, "to $1")}${isSheared ? "; not at right angles" : ""}`;
}

function valueWords({ min, max, mean, p0_5, p99_5 }: NonNullable<ImageRow["values"]>, unit: string | null): string {
  const in99 = `99 % of the voxels from ${short(p0_5)} to ${short(p99_5)}`;
  return `${short(min)} to ${short(max)}${unit === null ? "" : ` ${unit}`}, mean ${short(mean)}, ${in99}`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(5)));
}
