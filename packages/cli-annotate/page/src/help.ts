import type { Action } from "./actions.ts";
import { labelled, make } from "./panel.ts";

/** Fills the dialog that lists the mouse and all keys. */
export function fillHelp(dialog: HTMLDialogElement, actions: readonly Action[]): void {
  const mouse = [
    ["Left click", "inside the object"],
    ["Right or Alt click", "outside of it"],
    ["Left drag", "move the crosshair; with Box, draw it"],
    ["Right drag", "window: level up and down, width sideways"],
    ["Wheel", "slices; on the 3-D view and with Ctrl: zoom"],
    ["Middle or Shift drag", "move the picture"],
  ].map(([key, words]) => ({ key: key!, words: words!, run: () => undefined, shown: key! }));
  const rows = (list: readonly Action[]) =>
    list.flatMap(({ key, shown, words }) => [
      make("dt", {}, make("kbd", {}, shown ?? key.toUpperCase())),
      make("dd", {}, words),
    ]);
  const close = make("button", {}, ...labelled("Close", "Esc"));
  close.addEventListener("click", () => dialog.close());
  const half = Math.ceil(actions.length / 2);
  dialog.append(
    make("h2", {}, "Mouse and keys"),
    make(
      "div",
      { className: "columns" },
      make("dl", {}, ...rows(mouse)),
      make("dl", {}, ...rows(actions.slice(0, half - 3))),
      make("dl", {}, ...rows(actions.slice(half - 3))),
    ),
    close,
  );
}
