import type { Action } from "./actions.ts";
import type { App } from "./app.ts";
import { element } from "./panel.ts";

/** Runs actions by their keys; `aliases` are further keys of some of them. */
export function listenToKeys(app: App, actions: readonly Action[], aliases: Readonly<Record<string, Action>>): void {
  const byKey = new Map<string, Action>([
    ...actions.map((action) => [action.key, action] as const),
    ...Object.entries(aliases),
  ]);

  // Before NiiVue or the browser can take them; what is typed into a field stays there.
  const take = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (element<HTMLDialogElement>("keys").open) return;
    if (target instanceof HTMLInputElement && target.type === "text") return event.stopPropagation();
    const isControl =
      target instanceof HTMLButtonElement || target instanceof HTMLSelectElement || target instanceof HTMLInputElement;
    const name = keyName(event);
    if (isControl && /^(space|enter|arrow|page|shift\+space)/.test(name)) return;
    const action = byKey.get(name);
    event.stopPropagation();
    if (action === undefined) return;
    event.preventDefault();
    if (event.type === "keydown" && (action.isAlways || !app.state.isOpening)) action.run();
  };
  document.addEventListener("keydown", take, { capture: true });
  document.addEventListener("keyup", (event) => event.stopPropagation(), { capture: true });
}

function keyName(event: KeyboardEvent): string {
  const key = event.key === " " ? "space" : event.key.toLowerCase();
  const isShifted = event.shiftKey && (key.length > 1 || event.ctrlKey || event.metaKey);
  return `${event.ctrlKey ? "ctrl+" : ""}${event.metaKey ? "meta+" : ""}${isShifted ? "shift+" : ""}${key}`;
}
