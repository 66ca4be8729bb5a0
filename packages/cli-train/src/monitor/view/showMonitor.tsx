import type { ReadStream, WriteStream } from "node:tty";
import { render, useInput } from "ink";
import type { FollowedRun } from "../followRun.ts";
import { paintColours, paintNothing } from "../panels/paint.ts";
import { App, type AppProps } from "./App.tsx";
import { firstChoice, type KeyAction, keyPressed } from "./keys.ts";
import { openScreen } from "./screen.ts";

export interface MonitorOptions {
  readonly runs: readonly FollowedRun[];
  readonly terminal: WriteStream;
  /** Where keys come from; without one there are none. */
  readonly keyboard?: ReadStream;
  readonly colours: boolean;
  /** What `q` and Ctrl-C do, before the view closes; returning false keeps it open. */
  readonly onQuit?: (key: string) => boolean;
  /** Whether this is the view of the training command, whose Ctrl-C stops the run. */
  readonly isTraining?: boolean;
}

export interface Monitor {
  /** Draws soon; many calls make one frame. */
  changed(): void;
  close(): void;
  readonly closed: Promise<void>;
}

const framesPerSecond = 10;
/** Part of a core that drawing what comes from a run may take; keys are answered at once. */
const shareOfCore = 0.01;
/** But no frame is older than this, in milliseconds. */
const longestPause = 5000;
/** How often the words about times are looked at. */
const clockMilliseconds = 1000;
/** A resize comes as many events. */
const resizeMilliseconds = 60;

/** Shows runs on a terminal until the user leaves or `close` is called. What was on the terminal comes back then. */
export function showMonitor({
  runs,
  terminal,
  keyboard,
  colours,
  onQuit,
  isTraining = false,
}: MonitorOptions): Monitor {
  const screen = openScreen(terminal);
  const paint = colours ? paintColours : paintNothing;
  let choice = firstChoice;
  let [open, drawnAt] = [true, -Infinity];
  let lastMilliseconds: readonly [number, number] = [0, 0];
  let drawnClock = "";
  let pending: NodeJS.Timeout | undefined;
  let redrawing: NodeJS.Timeout | undefined;
  let finish: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const selectedRun = () => runs[Math.min(choice.selected, runs.length - 1)]!;
  const onKey = (key: string) => {
    const run = selectedRun();
    const paused = run.view().status === "paused";
    const pressed = keyPressed(choice, key, { runs: runs.length, paused, canAsk: run.canAsk() });
    choice = pressed.choice;
    if (pressed.action !== undefined) act(pressed.action, key);
    answer();
  };
  const act = (action: KeyAction, key: string) => {
    if (action === "redraw") redraw();
    else if (action !== "quit") selectedRun().ask(action);
    else if (onQuit?.(key) ?? true) close();
  };

  const frame = () => {
    const app: AppProps = {
      runs: runs.map((run) => run.view()),
      choice,
      columns: screen.size.columns,
      rows: screen.size.rows,
      paint,
      hasKeyboard: keyboard !== undefined,
      canAsk: selectedRun().canAsk(),
      isTraining,
    };
    return <Frame app={app} onKey={onKey} listens={keyboard !== undefined} />;
  };

  const draw = () => {
    pending = undefined;
    if (!open) return;
    drawnAt = performance.now();
    drawnClock = clockWords();
    instance.rerender(frame());
    // The first frames take longer than those that follow.
    lastMilliseconds = [lastMilliseconds[1], performance.now() - drawnAt];
  };
  /** What time alone can change. */
  const clockWords = () => runs.map((run) => `${run.view().status} ${run.view().lastRow}`).join();
  const tick = () => {
    if (clockWords() !== drawnClock) changed();
  };
  const changed = () => {
    if (!open || pending !== undefined) return;
    const pause = Math.min(longestPause, Math.max(1000 / framesPerSecond, Math.min(...lastMilliseconds) / shareOfCore));
    pending = setTimeout(draw, Math.max(0, drawnAt + pause - performance.now()));
  };
  /** Draws as soon as the rate of frames allows. */
  const answer = () => {
    if (!open) return;
    clearTimeout(pending);
    pending = setTimeout(draw, Math.max(0, drawnAt + 1000 / framesPerSecond - performance.now()));
  };
  /** Draws from nothing: at a new size, or when others have written on the terminal. */
  const redraw = () => {
    clearTimeout(redrawing);
    redrawing = setTimeout(() => {
      if (!open) return;
      screen.measure();
      draw();
    }, resizeMilliseconds);
  };
  const close = () => {
    if (!open) return;
    for (const timer of [pending, redrawing]) clearTimeout(timer);
    clearInterval(clock);
    open = false;
    screen.close();
    instance.unmount();
    process.off("SIGCONT", redraw);
    terminal.off("resize", redraw);
    if (keyboard === process.stdin) keyboard.pause();
    else keyboard?.destroy();
    finish();
  };

  process.on("SIGCONT", redraw);
  terminal.on("resize", redraw);
  const instance = render(frame(), {
    stdout: screen.stream,
    stdin: keyboard ?? process.stdin,
    exitOnCtrlC: false,
    patchConsole: false,
    debug: true, // Whole frames: the screen finds out what changed.
  });
  void Promise.all(runs.map((run) => run.caughtUp)).then(answer);
  const clock = setInterval(tick, clockMilliseconds);
  return { changed, close, closed };
}

interface FrameProps {
  readonly app: AppProps;
  readonly onKey: (key: string) => void;
  readonly listens: boolean;
}

function Frame({ app, onKey, listens }: FrameProps) {
  useInput((input, key) => onKey(keyName(input, key)), { isActive: listens });
  return <App {...app} />;
}

interface InkKey {
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly tab: boolean;
}

function keyName(input: string, { ctrl, shift, tab }: InkKey): string {
  if (tab) return shift ? "shift-tab" : "tab";
  return ctrl ? `ctrl-${input}` : input;
}
