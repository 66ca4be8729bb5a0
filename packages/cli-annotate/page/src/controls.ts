import { type Action, actionsOf, planeOrder } from "./actions.ts";
import type { App } from "./app.ts";
import { openFiles } from "./files.ts";
import { fillHelp } from "./help.ts";
import { listenToKeys } from "./keys.ts";
import { element, labelled, make } from "./panel.ts";
import type { Layout, Plane } from "./viewer.ts";
import { openWindowControl, type WindowControl } from "./windowControl.ts";

export interface Controls {
  readonly window: WindowControl;
  show(): void;
}

const layouts: readonly [Layout, string, string][] = [
  ["all", "All", "1"],
  ["planes", "Planes", "2"],
  ["axial", "Axial", "3"],
  ["coronal", "Coronal", "4"],
  ["sagittal", "Sagittal", "5"],
  ["render", "3-D", "6"],
];

/** The buttons, and the keys that do the same. */
export function openControls(app: App): Controls {
  const { state, viewer } = app;
  let layout: Layout = viewer.isSoftware ? "planes" : "all";
  let shownImage = "";
  const window = openWindowControl(app);
  const files = openFiles(app);
  const actions = actionsOf(app, window, files);
  const setLayout = (next: Layout) => () => {
    layout = next;
    if ((planeOrder as readonly Layout[]).includes(next)) state.plane = next as Plane;
    viewer.setLayout(next);
    app.onChange();
  };
  const layoutActions: Action[] = layouts.map(([name, words, key]) => ({ key, words, run: setLayout(name) }));
  const all = [...Object.values(actions), ...layoutActions];
  listenToKeys(app, all, {
    "ctrl+shift+z": actions.redo,
    "meta+z": actions.undo,
    "meta+shift+z": actions.redo,
    backspace: actions.remove,
  });
  fillHelp(element<HTMLDialogElement>("keys"), all);

  const buttons = new Map<string, HTMLButtonElement>();
  function button(id: string, { key, shown, run }: Action, words: string, title?: string): HTMLButtonElement {
    const made = make("button", { id, title: title ?? "" }, ...labelled(words, shown ?? key.toUpperCase()));
    made.addEventListener("click", () => {
      run();
      element("marks").focus({ preventScroll: true });
    });
    buttons.set(id, made);
    return made;
  }
  const polarity = button("polarity", actions.polarity, "");
  const brushSize = make("span", { className: "number" });
  element("tools").append(
    button("tool-click", actions.click, "Click"),
    button("tool-box", actions.box, "Box", "Drag in one plane, then in another for the depth"),
    button("tool-brush", actions.brush, "Brush"),
    button("tool-eraser", actions.eraser, "Eraser"),
    make("hr"),
    polarity,
    button("smaller", actions.smaller, "Smaller"),
    button("larger", actions.larger, "Larger"),
    make("hr"),
    button("undo", actions.undo, "Undo"),
    button("redo", actions.redo, "Redo"),
    make("hr"),
    button("live", actions.live, "Live", "Answer every prompt at once, or all of them on Enter"),
    button("ask", actions.ask, "Answer"),
    make("hr"),
    brushSize,
  );
  element("layouts").append(...layouts.map(([name, words], i) => button(`layout-${name}`, layoutActions[i]!, words)));
  element("objectActions").append(
    button("enlarge", actions.enlarge, "Enlarge", "The model looks 16 voxels further on each side"),
    button("reset", actions.reset, "Reset", "All prompts and strokes of this object go"),
    button("remove", actions.remove, "Delete", "The object goes"),
  );
  for (const [id, action] of [
    ["newObject", actions.newObject],
    ["previous", actions.previous],
    ["next", actions.next],
    ["help", actions.help],
    ["exportLabels", actions.save],
  ] as const) {
    element(id).addEventListener("click", action.run);
  }
  element<HTMLSelectElement>("case").addEventListener(
    "change",
    (event) => void app.open(Number((event.target as HTMLSelectElement).value)),
  );
  element("opacity").addEventListener("input", (event) =>
    viewer.setOpacity(Number((event.target as HTMLInputElement).value) / 100),
  );

  return {
    window,
    show() {
      const { image } = state;
      const key = `${image.index} ${image.log}`;
      if (key !== shownImage && !state.isOpening) {
        shownImage = key;
        element<HTMLSelectElement>("case").replaceChildren(
          ...image.cases.map((name, i) => make("option", { value: String(i), selected: i === image.index }, name)),
        );
        files.begin();
        window.begin();
        document.title = `${image.name} – ensam-annotate`;
      }
      for (const tool of ["click", "box", "brush", "eraser"] as const) press(`tool-${tool}`, state.tool === tool);
      for (const [name] of layouts) press(`layout-${name}`, layout === name);
      press("live", state.isLive);
      polarity.firstElementChild!.textContent = state.isInside ? "Inside" : "Outside";
      polarity.className = state.isInside ? "inside" : "outside";
      polarity.title = "What a left click says; right or Alt says the other";
      brushSize.textContent =
        state.tool === "brush" || state.tool === "eraser" ? `radius ${state.brushMm.toFixed(1)} mm` : "";
      buttons.get("undo")!.disabled = !image.report.canUndo;
      buttons.get("redo")!.disabled = !image.report.canRedo;
      buttons.get("ask")!.disabled =
        state.draft === undefined && image.report.objects.every(({ waiting }) => waiting === 0);
      buttons.get("enlarge")!.disabled = app.activeObject()?.crop === undefined;
      for (const id of ["reset", "remove"]) buttons.get(id)!.disabled = state.active === undefined;
      for (const [id, isThere] of [
        ["previous", image.index > 0],
        ["next", image.index + 1 < image.cases.length],
      ] as const) {
        element<HTMLButtonElement>(id).disabled = !isThere;
      }
      element("cases").hidden = image.cases.length < 2;
    },
  };

  function press(id: string, isPressed: boolean): void {
    buttons.get(id)!.setAttribute("aria-pressed", String(isPressed));
  }
}
