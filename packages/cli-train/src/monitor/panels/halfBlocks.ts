/** One pixel: intensity 0..1 and what lies over it. */
export interface Pixel {
  readonly level: number;
  readonly kind: "image" | "truth" | "hit" | "missed" | "tooMuch";
}

export interface Picture {
  readonly rows: number;
  readonly columns: number;
  at(y: number, x: number): Pixel;
}

/**
 * A picture in at most so many cells of a terminal, two pixels in each: the upper as the colour of a half block, the
 * lower as its background. Without colours one character per cell: letters for masks, a ramp for the image.
 */
export function halfBlocks(picture: Picture, columns: number, rows: number, colours: boolean) {
  // A cell is about twice as high as it is wide, so that half of one is square.
  const scale = Math.max(picture.columns / columns, picture.rows / (2 * rows));
  const wide = Math.max(1, Math.min(columns, Math.round(picture.columns / scale)));
  const high = Math.max(1, Math.min(rows, Math.round(picture.rows / scale / 2)));
  const pixel = (y: number, x: number) =>
    picture.at(
      Math.min(picture.rows - 1, Math.floor(((y + 0.5) * picture.rows) / (2 * high))),
      Math.min(picture.columns - 1, Math.floor(((x + 0.5) * picture.columns) / wide)),
    );
  const lines = Array.from({ length: high }, (_, row) => {
    if (!colours)
      return Array.from({ length: wide }, (_, x) => letter(pixel(2 * row, x), pixel(2 * row + 1, x))).join("");
    let [line, before] = ["", ""];
    for (let x = 0; x < wide; x++) {
      const code = `38;5;${colour(pixel(2 * row, x))};48;5;${colour(pixel(2 * row + 1, x))}`;
      line += code === before ? "▀" : `\x1b[${code}m▀`;
      before = code;
    }
    return `${line}\x1b[0m`;
  });
  return { lines, columns: wide };
}

const ramp = [" ", ".", ":", "-", "="];
const letters = { truth: "T", hit: "#", missed: "o", tooMuch: "x" } as const;

function letter(upper: Pixel, lower: Pixel): string {
  const marked = upper.kind === "image" ? lower.kind : upper.kind;
  if (marked !== "image") return letters[marked];
  return ramp[Math.min(ramp.length - 1, Math.floor(((upper.level + lower.level) / 2) * ramp.length))]!;
}

/** Number of one of the 256 colours: greys for the image, tints for masks. */
function colour({ level, kind }: Pixel): number {
  if (kind === "image") return 232 + Math.round(level * 23);
  const [strong, other] = [3 + Math.round(level * 2), Math.round(level * 3)];
  if (kind === "missed") return cube(other, Math.min(5, other + 1), strong);
  if (kind === "tooMuch") return cube(strong, other, other);
  return cube(other, strong, other);
}

/** One of the 6 x 6 x 6 colours. */
function cube(red: number, green: number, blue: number): number {
  return 16 + 36 * red + 6 * green + blue;
}
