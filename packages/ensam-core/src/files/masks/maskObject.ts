import type { LabelMap } from "../../voxels/index.ts";

/** Red, green, blue, 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** One object of a mask that is written. */
export interface MaskObject {
  /** Its value in the label map, from 1. */
  readonly label: number;
  readonly name?: string | undefined;
  /** @default one of its own, by its label */
  readonly colour?: Colour | undefined;
  /** [z, y, x], not 0 where the object is: its own voxels, which may overlap others'. Used where objects are kept apart. */
  readonly mask?: LabelMap | undefined;
}

/** Names of labels, "3": "liver". */
export type LabelNames = Readonly<Record<string, string>>;

export function namesOf(objects: readonly MaskObject[]): LabelNames {
  return Object.fromEntries(objects.flatMap(({ label, name }) => (name ? [[String(label), name]] : [])));
}

/** Turns by the golden angle, so that neighbouring labels differ and any number of them has colours. */
const goldenAngle = 137.507764;

export function colourOf({ label, colour }: Pick<MaskObject, "label" | "colour">): Colour {
  if (colour !== undefined) return colour;
  const hue = (goldenAngle * (label - 1)) % 360;
  const channel = (shift: number): number => {
    const place = (shift + hue / 30) % 12;
    const value = 0.55 - 0.4 * Math.max(-1, Math.min(place - 3, 9 - place, 1));
    return Math.round(255 * value);
  };
  return [channel(0), channel(8), channel(4)];
}
