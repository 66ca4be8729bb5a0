import { FileError } from "../fileError.ts";
import { mmOf } from "../lengthUnits.ts";
import { printNotes, type TiffLayout } from "./layout.ts";
import type { TiffPage } from "./tiffPages.ts";

interface Shaped {
  readonly shape: readonly number[];
  readonly axes?: string;
  readonly spacing?: number;
  readonly unit?: string;
}

/**
 * The layout in the JSON that Python's tifffile writes as description, {"shape": [10, 24, 28], "axes": "ZYX", ...}:
 * pages run through the axes before the last two, the last of them fastest. Undefined for another description; more
 * than one axis of unknown meaning is a FileError.
 */
export function shapedLayout(path: string, page: TiffPage): TiffLayout | undefined {
  const found = parse(page.description);
  if (found === undefined) return undefined;
  const { shape } = found;
  const inPage = page.samples > 1 ? 3 : 2;
  const leading = shape.slice(0, Math.max(0, shape.length - inPage));
  const letters = found.axes?.length === shape.length ? found.axes.toUpperCase().slice(0, leading.length) : "";
  const kinds = leading.map((length, axis) => (length === 1 ? "1" : kindOf(letters[axis])));
  const size = (kind: "Z" | "C" | "T"): number => leading[kinds.indexOf(kind)] ?? 1;
  if (new Set(kinds.filter((kind) => kind !== "1")).size < kinds.filter((kind) => kind !== "1").length) {
    throw new FileError(
      path,
      "one volume with three axes",
      `axes of ${shape.join(" x ")} pixels${letters ? ` (${found.axes})` : ""}`,
    );
  }
  const stride = (kind: "Z" | "C" | "T"): number => {
    const axis = kinds.indexOf(kind);
    return axis < 0 ? 0 : leading.slice(axis + 1).reduce((product, length) => product * length, 1);
  };
  return {
    slices: size("Z"),
    channels: size("C"),
    times: size("T"),
    pageOf: (slice, channel, time) => slice * stride("Z") + channel * stride("C") + time * stride("T"),
    ...spacingOf(page, found),
  };
}

/** Axes without a known letter are taken as slices; with a second one beside them nobody knows. */
function kindOf(letter: string | undefined): "Z" | "C" | "T" {
  return letter === "C" || letter === "T" ? letter : "Z";
}

function spacingOf(page: TiffPage, { spacing, unit }: Shaped): Pick<TiffLayout, "spacing" | "notes"> {
  const mm = unit === undefined || /^inch/i.test(unit) ? undefined : mmOf(unit);
  if (mm === undefined) return { spacing: [undefined, undefined, undefined], notes: printNotes(page) };
  const [across, down] = page.resolution;
  const x = across === undefined ? undefined : mm / across;
  return {
    spacing: [x, down === undefined ? x : mm / down, spacing === undefined ? undefined : spacing * mm],
    notes: [],
  };
}

function parse(description: string | undefined): Shaped | undefined {
  if (description === undefined || description.length > 1 << 16 || !/^\{.*"shape"\s*:/s.test(description))
    return undefined;
  let value: unknown;
  try {
    value = JSON.parse(description);
  } catch {
    return undefined;
  }
  const { shape, axes, spacing, unit } = value as Record<string, unknown>;
  const isShape =
    Array.isArray(shape) && shape.length >= 2 && shape.every((length) => Number.isSafeInteger(length) && length >= 1);
  if (!isShape) return undefined;
  return {
    shape,
    ...(typeof axes === "string" && { axes }),
    ...(typeof spacing === "number" && spacing > 0 && { spacing }),
    ...(typeof unit === "string" && { unit }),
  };
}
