/** A cell of a terminal: its character and how it is shown. */
interface Cell {
  readonly character: string;
  readonly colour: string;
  readonly background: string | undefined;
  readonly isBold: boolean;
}

/** Width and height of a cell, and of the frame around the cells, in pixels. */
const [cellWidth, cellHeight, margin, bar] = [8, 16, 14, 30];
const paper = "#16181a";
const ink = "#c5c8c6";
/** The 16 colours of a terminal's theme: 30 to 37, then 90 to 97. */
const theme = ["#1d1f21", "#cc6666", "#8abd6a", "#d7af5f", "#81a2be", "#b294bb", "#5cc8c0", ink].concat([
  "#7c8288",
  "#d54e53",
  "#b9ca4a",
  "#e7c547",
  "#7aa6da",
  "#c397d8",
  "#70c0b1",
  "#eaeaea",
]);

/**
 * A picture of what a terminal shows, text with colour codes (SGR), as SVG. Half blocks, braille and rules are drawn,
 * not set.
 */
export function terminalSvg(text: string, title: string): string {
  const rows = text.split("\n").map(cellsOf);
  const columns = Math.max(...rows.map((row) => row.length));
  const [width, height] = [2 * margin + columns * cellWidth, bar + rows.length * cellHeight + margin];
  const fonts = "ui-monospace,Menlo,Consolas,DejaVu Sans Mono,monospace";
  const lights = ["#ff5f57", "#febc2e", "#28c840"].map(
    (fill, i) => `<circle cx="${20 + 18 * i}" cy="14" r="5.5" fill="${fill}"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="${fonts}" font-size="13">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${paper}"/>`,
    lights.join(""),
    ...drawnCells(rows),
    ...rows.flatMap((row, y) => textRuns(row).map((run) => textElement(run, y))),
    "</svg>",
    "",
  ].join("\n");
}

function cellsOf(line: string): Cell[] {
  const cells: Cell[] = [];
  let [colour, background, isBold] = [ink, undefined as string | undefined, false];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the codes begin with ESC
  for (const [, codes, character] of line.matchAll(/\x1b\[([\d;]*)m|(.)/gu)) {
    if (character !== undefined) {
      cells.push({ character, colour, background, isBold });
      continue;
    }
    const numbers = codes!.split(";").map(Number);
    for (let i = 0; i < numbers.length; i++) {
      const code = numbers[i]!;
      if (code === 0) [colour, background, isBold] = [ink, undefined, false];
      else if (code === 1) isBold = true;
      else if (code === 22) isBold = false;
      else if (code === 39) colour = ink;
      else if (code === 49) background = undefined;
      else if (code >= 30 && code <= 37) colour = theme[code - 30]!;
      else if (code >= 90 && code <= 97) colour = theme[code - 82]!;
      else if ((code === 38 || code === 48) && numbers[i + 1] === 5) {
        if (code === 38) colour = indexed(numbers[i + 2]!);
        else background = indexed(numbers[i + 2]!);
        i += 2;
      } else throw new RangeError(`terminal text: expected codes of colours and bold, got ${code}`);
    }
  }
  return cells;
}

/** One of the 256 colours: the theme's, a cube of 6 x 6 x 6, greys. */
function indexed(number: number): string {
  if (number < 16) return theme[number]!;
  const level = (value: number) => (value === 0 ? 0 : 55 + 40 * value);
  const grey = 8 + 10 * (number - 232);
  const index = number - 16;
  const parts =
    number >= 232 ? [grey, grey, grey] : [Math.floor(index / 36), Math.floor(index / 6) % 6, index % 6].map(level);
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

const isBraille = (character: string) => character >= "\u2800" && character <= "\u28ff";
/** Parts of a cell that a character fills, in pixels: x, y, width, height. */
const shapes: Readonly<Record<string, readonly [number, number, number, number]>> = {
  "─": [0, 7.5, 8, 1],
  "│": [3.5, 0, 1, 16],
  "┤": [3.5, 0, 1, 16],
  "█": [0, 3, 8, 10],
  "░": [0, 3, 8, 10],
  "▀": [0, 0, 8, 8],
  ...Object.fromEntries([..."▏▎▍▌▋▊▉"].map((character, i) => [character, [0, 3, i + 1, 10] as const])),
};
const faint = "#34383c";

/** Paths for the cells that are drawn, one for each colour. */
function drawnCells(rows: readonly Cell[][]): string[] {
  const fills = new Map<string, string[]>();
  const dots = new Map<string, string[]>();
  const add = (paths: Map<string, string[]>, colour: string, d: string) => {
    const known = paths.get(colour);
    if (known === undefined) paths.set(colour, [d]);
    else known.push(d);
  };
  for (const [row, cells] of rows.entries()) {
    for (const [column, { character, colour, background }] of cells.entries()) {
      const [left, top] = [margin + column * cellWidth, bar + row * cellHeight];
      const rectangle = ([x, y, w, h]: readonly number[]) => `M${left + x!} ${top + y!}h${w}v${h}h-${w}z`;
      const shape = shapes[character];
      // Below a half block only the lower half is left of the background, so that the order of the colours does not
      // matter.
      const open = character === "▀" ? [0, 8, cellWidth, 8] : [0, 0, cellWidth, cellHeight];
      if (background !== undefined) add(fills, background, rectangle(open));
      if (shape !== undefined) add(fills, character === "░" ? faint : colour, rectangle(shape));
      if (character === "┤") add(fills, colour, rectangle([0, 7.5, 3.5, 1]));
      if (isBraille(character)) {
        for (const [x, y] of dotsOf(character)) add(dots, colour, `M${left + 2 + 4 * x} ${top + 2 + 4 * y}h0`);
      }
    }
  }
  return [
    ...[...fills].map(([colour, d]) => `<path fill="${colour}" d="${d.join("")}"/>`),
    ...[...dots].map(
      ([colour, d]) => `<path stroke="${colour}" stroke-width="2.6" stroke-linecap="round" d="${d.join("")}"/>`,
    ),
  ];
}

/** Places (column, row) of the dots of a braille character: bits 1, 2, 3, 7 on the left, 4, 5, 6, 8 on the right. */
function dotsOf(character: string): [number, number][] {
  const bits = character.charCodeAt(0) - 0x2800;
  const places: [number, number][] = [
    [0, 0],
    [0, 1],
    [0, 2],
    [1, 0],
    [1, 1],
    [1, 2],
    [0, 3],
    [1, 3],
  ];
  return places.filter((_, bit) => (bits >> bit) & 1);
}

interface Run {
  readonly column: number;
  readonly text: string;
  readonly colour: string;
  readonly isBold: boolean;
}

/** Neighbouring characters of one style, parted where there is more than one blank. */
function textRuns(cells: readonly Cell[]): Run[] {
  const runs: Run[] = [];
  for (const [column, { character, colour, isBold }] of cells.entries()) {
    if (character === " " || isBraille(character) || shapes[character] !== undefined) continue;
    const last = runs.at(-1);
    const gap = last === undefined ? Number.POSITIVE_INFINITY : column - last.column - [...last.text].length;
    if (last !== undefined && gap <= 1 && last.colour === colour && last.isBold === isBold) {
      runs[runs.length - 1] = { ...last, text: last.text + " ".repeat(gap) + character };
    } else runs.push({ column, text: character, colour, isBold });
  }
  return runs;
}

function textElement({ column, text, colour, isBold }: Run, row: number): string {
  const [x, y] = [margin + column * cellWidth, bar + row * cellHeight + 12];
  const weight = isBold ? ' font-weight="bold"' : "";
  const length = [...text].length * cellWidth;
  return `<text x="${x}" y="${y}" textLength="${length}" fill="${colour}"${weight} xml:space="preserve">${escaped(text)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
