import { eachDot, letterSize } from "./font.ts";

export type Rgb = readonly [red: number, green: number, blue: number];

/** A picture of red, green and blue bytes; what is drawn outside of it is cut off. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** RGBA, row by row. */
  readonly data: Uint8Array;
  set(x: number, y: number, color: Rgb): void;
  fill(x: number, y: number, width: number, height: number, color: Rgb): void;
  /** @param scale pixels per dot */
  text(x: number, y: number, words: string, color: Rgb, scale?: number): void;
}

/** Width in pixels of a text. */
export function textWidth(words: string, scale = 2): number {
  return words.length * letterSize.width * scale;
}

/** A black picture. */
export function canvasOf(width: number, height: number): Canvas {
  const data = new Uint8Array(width * height * 4);
  for (let i = 3; i < data.length; i += 4) data[i] = 255;
  const set: Canvas["set"] = (x, y, [red, green, blue]) => {
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    const offset = (y * width + x) * 4;
    data[offset] = red;
    data[offset + 1] = green;
    data[offset + 2] = blue;
  };
  const fill: Canvas["fill"] = (left, top, columns, rows, color) => {
    for (let y = top; y < top + rows; y++) for (let x = left; x < left + columns; x++) set(x, y, color);
  };
  return {
    width,
    height,
    data,
    set,
    fill,
    text(left, top, words, color, scale = 2) {
      eachDot(words, (x, y) => fill(left + x * scale, top + y * scale, scale, scale, color));
    },
  };
}
