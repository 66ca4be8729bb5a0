import type { WriteStream } from "node:tty";

const enter = "\x1b[?1049h\x1b[?25l\x1b[2J";
// Cleared first: some terminals would bring lines of it back after a resize.
const leave = "\x1b[2J\x1b[H\x1b[?25h\x1b[?1049l";
const clear = "\x1b[2J";
/** Terminals that know it show everything between the two at once. */
const [beginFrame, endFrame] = ["\x1b[?2026h", "\x1b[?2026l"];

/** A terminal's second screen, on which whole frames are drawn. */
export interface Screen {
  /** For Ink: each of its writes is a frame, of which only the lines that differ from the last one are drawn. */
  readonly stream: WriteStream;
  readonly size: { readonly columns: number; readonly rows: number };
  /** Takes the terminal's present size; the next frame is drawn on an empty screen. */
  measure(): void;
  /** Gives the terminal back as it was. */
  close(): void;
}

/**
 * Opens the screen. Ink would move the cursor relative to where it left it, which others (a resize, a shell's message)
 * may have changed; here every line goes to its own place.
 */
export function openScreen(terminal: WriteStream): Screen {
  const size = { columns: 80, rows: 24 };
  let shown: readonly string[] = [];
  let open = true;
  const measure = () => {
    size.columns = terminal.columns || 80;
    size.rows = terminal.rows || 24;
    shown = [];
    terminal.write(clear);
  };
  const draw = (frame: string) => {
    const lines = frame.split("\n").slice(0, size.rows);
    let changes = "";
    for (let row = 0; row < Math.max(lines.length, shown.length); row++) {
      const line = lines[row] ?? "";
      if (line !== shown[row]) changes += `\x1b[${row + 1};1H${line}\x1b[K`;
    }
    shown = lines;
    if (changes !== "") terminal.write(beginFrame + changes + endFrame);
  };
  const close = () => {
    if (open) terminal.write(leave);
    open = false;
    process.off("exit", close);
  };
  process.once("exit", close);
  terminal.write(enter);
  measure();
  const stream: WriteStream = Object.create(terminal, {
    columns: { get: () => size.columns },
    rows: { get: () => size.rows },
    write: {
      value: (frame: string) => {
        // Hiding and showing the cursor is done above.
        if (open && !frame.startsWith("\x1b[?")) draw(frame);
        return true;
      },
    },
    // Sizes are taken when the view wants them.
    on: { value: () => stream },
    off: { value: () => stream },
  });
  return { stream, size, measure, close };
}
