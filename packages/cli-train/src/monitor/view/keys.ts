import type { ControlWord } from "@ensam/core/runs";

/** What the user has chosen to see. */
export interface ViewChoice {
  /** Number of the run that has the keys. */
  readonly selected: number;
  readonly help: boolean;
  /** The slice fills the space of the panels. */
  readonly slice: boolean;
  /** One run fills the terminal, though several would fit side by side. */
  readonly alone: boolean;
  /** `s` was pressed, and waits for `y`. */
  readonly confirming: boolean;
}

export const firstChoice: ViewChoice = { selected: 0, help: false, slice: false, alone: false, confirming: false };

export type KeyAction = ControlWord | "stop" | "quit" | "redraw";

export interface KeyContext {
  readonly runs: number;
  readonly paused: boolean;
  /** Whether the selected run can be asked for something. */
  readonly canAsk: boolean;
}

/** What a key does: the new choice, and what is to be done. */
export function keyPressed(
  choice: ViewChoice,
  key: string,
  { runs, paused, canAsk }: KeyContext,
): { choice: ViewChoice; action?: KeyAction } {
  if (key === "ctrl-c") return { choice, action: "quit" };
  if (choice.confirming) {
    const asked = { ...choice, confirming: false };
    return key === "y" && canAsk ? { choice: asked, action: "stop" } : { choice: asked };
  }
  if (key === "?" || key === "h") return { choice: { ...choice, help: !choice.help } };
  if (choice.help) return key === "q" ? { choice, action: "quit" } : { choice: { ...choice, help: false } };
  if (key === "q") return { choice, action: "quit" };
  if (key === "ctrl-l") return { choice, action: "redraw" };
  if (key === "tab") return { choice: { ...choice, selected: (choice.selected + 1) % runs } };
  if (key === "shift-tab") return { choice: { ...choice, selected: (choice.selected + runs - 1) % runs } };
  if (key === "i") return { choice: { ...choice, slice: !choice.slice } };
  if (key === "a") return { choice: { ...choice, alone: !choice.alone } };
  if (!canAsk) return { choice };
  if (key === "p") return { choice, action: paused ? "resume" : "pause" };
  if (key === "c") return { choice, action: "checkpoint" };
  if (key === "v") return { choice, action: "validate" };
  if (key === "s") return { choice: { ...choice, confirming: true } };
  return { choice };
}

/**
 * The keys in the words of the help page; the view of a training command, which the run belongs to, has its own way
 * out.
 */
export function keyHelp(isTraining: boolean): readonly (readonly [key: string, words: string])[] {
  return [...sharedKeys, ...(isTraining ? trainingKeys : monitorKeys)];
}

const sharedKeys: readonly (readonly [key: string, words: string])[] = [
  ["p", "pause the run after this sample; p again goes on"],
  ["c", "write a checkpoint"],
  ["v", "validate now"],
  ["s", "save and stop the run (asks first); the same command goes on later"],
  ["i", "slice of the validation case, large"],
  ["Tab", "next run"],
  ["a", "one run alone, or all side by side where they fit"],
  ["Ctrl-L", "draw everything anew"],
];
const monitorKeys = [["q, Ctrl-C", "leave; the run goes on"]] as const;
const trainingKeys = [
  ["q", "leave the view; the run goes on, with plain progress"],
  ["Ctrl-C", "save and stop the run; again: stop at once, without saving"],
] as const;
