import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as later } from "node:timers/promises";
import { runFolder } from "./runFolder.ts";

/** What can be asked of a run through the file CONTROL in its folder, one word per line. */
export const controlWords = ["pause", "resume", "checkpoint", "validate"] as const;
export type ControlWord = (typeof controlWords)[number];

/** Asks a run for something; it answers when its current sample is done. */
export function askRun(folder: string, word: ControlWord | "stop"): void {
  const files = runFolder(folder);
  if (word === "stop") writeFileSync(files.stop, "");
  else appendFileSync(files.control, `${word}\n`);
}

export interface ControlActions {
  checkpoint(): Promise<void>;
  validate(): Promise<void>;
  /** Whether the run should end, which also ends a pause. */
  stopped(): boolean;
  note(line: string): void;
}

export interface Control {
  /** Does what was asked since the last call; returns when the run is not paused (any more). */
  obey(actions: ControlActions): Promise<void>;
  /** Removes what would mislead a later run. */
  close(): void;
}

/** How often a paused run looks for words. */
const pausedLookMilliseconds = 300;

/** The training side of the file CONTROL. What was asked of an earlier run, and not taken, is dropped. */
export function watchControl(folder: string): Control {
  const files = runFolder(folder);
  const clear = () => {
    for (const path of [files.control, files.paused]) rmSync(path, { force: true });
  };
  clear();
  return {
    async obey(actions) {
      let paused = false;
      const setPaused = (value: boolean) => {
        if (value === paused) return;
        paused = value;
        if (value) writeFileSync(files.paused, "");
        else rmSync(files.paused, { force: true });
        actions.note(value ? "paused" : "going on");
      };
      try {
        do {
          for (const word of takeWords(files.control)) {
            if (word === "pause") setPaused(true);
            if (word === "resume") setPaused(false);
            if (word === "checkpoint") await actions.checkpoint();
            if (word === "validate") await actions.validate();
          }
          if (paused) await later(pausedLookMilliseconds);
        } while (paused && !actions.stopped());
      } finally {
        setPaused(false);
      }
    },
    close: clear,
  };
}

/** The words of the file, which is removed; renaming first, so that a word written meanwhile is not lost. */
function takeWords(path: string): ControlWord[] {
  if (!existsSync(path)) return [];
  const taken = `${path}.taken`;
  renameSync(path, taken);
  const lines = readFileSync(taken, "utf8").split("\n");
  rmSync(taken, { force: true });
  return lines.map((line) => line.trim()).filter((line): line is ControlWord => controlWords.includes(line as never));
}
