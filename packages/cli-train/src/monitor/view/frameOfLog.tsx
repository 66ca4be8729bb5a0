import { Writable } from "node:stream";
import type { WriteStream } from "node:tty";
import { parseRow } from "@ensam/core/runs";
import { render } from "ink";
import { paintColours } from "../panels/paint.ts";
import { afterLines } from "../state/afterLines.ts";
import { emptyState } from "../state/monitorState.ts";
import { App } from "./App.tsx";
import { firstChoice } from "./keys.ts";

export interface FrameOptions {
  /** Name of the run. */
  readonly name: string;
  readonly columns: number;
  readonly rows: number;
}

/** What a terminal shows of a training under way after these lines of its log: the view's own frame, with colour codes. */
export function frameOfLog(lines: readonly string[], { name, columns, rows }: FrameOptions): string {
  const state = afterLines(emptyState, lines.map(parseRow));
  let frame = "";
  const stream = new Writable({
    write(chunk: Buffer | string, _encoding, done) {
      frame = String(chunk);
      done();
    },
  });
  const instance = render(
    <App
      runs={[{ name, state, status: "running", lastRow: "just now" }]}
      choice={firstChoice}
      columns={columns}
      rows={rows}
      paint={paintColours}
      hasKeyboard
      canAsk
      isTraining
    />,
    {
      stdout: Object.assign(stream, { columns, rows }) as unknown as WriteStream,
      exitOnCtrlC: false,
      patchConsole: false,
      debug: true,
    },
  );
  const shown = frame;
  instance.unmount();
  return shown;
}
