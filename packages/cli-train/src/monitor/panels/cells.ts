/** Characters that take two cells of a terminal: East Asian scripts and pictographs. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;
const joining = /\p{Mark}|\u200d|\ufe0f/u;
const plainAscii = /^[\x20-\x7e]*$/;

/** The text on one line, without anything a terminal would obey. */
export function printable(text: string): string {
  return plainAscii.test(text) ? text : text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ");
}

/** Cells that a printable text takes. */
export function cellsOf(text: string): number {
  if (plainAscii.test(text)) return text.length;
  let cells = 0;
  for (const character of text) cells += cellsOfCharacter(character);
  return cells;
}

/** The text in at most so many cells; what is cut shows as an ellipsis. */
export function fitted(text: string, cells: number): string {
  if (cellsOf(text) <= cells) return text;
  if (cells <= 0) return "";
  let [kept, used] = ["", 0];
  for (const character of text) {
    const more = cellsOfCharacter(character);
    if (used + more > cells - 1) break;
    [kept, used] = [kept + character, used + more];
  }
  return `${kept}…`;
}

export function padRight(text: string, cells: number): string {
  const fit = fitted(text, cells);
  return fit + " ".repeat(cells - cellsOf(fit));
}

export function padLeft(text: string, cells: number): string {
  const fit = fitted(text, cells);
  return " ".repeat(cells - cellsOf(fit)) + fit;
}

function cellsOfCharacter(character: string): number {
  if (joining.test(character)) return 0;
  // Blocks, lines, arrows and braille are narrow, though some of them count as pictographs.
  if (character >= "\u2190" && character <= "\u28ff") return 1;
  return wide.test(character) ? 2 : 1;
}
