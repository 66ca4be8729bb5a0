import type { Zyx } from "../../src/displayGrid.ts";
import type { App, Tool } from "./app.ts";
import { server } from "./connection.ts";
import { element, labelled, make } from "./panel.ts";
import type { Layout, Plane } from "./viewer.ts";

/** Something that a key or a button does. */
interface Action {
  readonly key: string;
  readonly words: string;
  readonly run: () => void;
  /** Written on the button and in the list of keys, where it differs from the key. */
  readonly shown?: string;
}

export interface Controls {
  show(): void;
  setWindow(low: number, high: number): void;
  getWindow(): { low: number; high: number };
}

const layouts: readonly [Layout, string, string][] = [
  ["all", "All", "1"],
  ["planes", "Planes", "2"],
  ["axial", "Axial", "3"],
  ["coronal", "Coronal", "4"],
  ["sagittal", "Sagittal", "5"],
  ["render", "3-D", "6"],
];
const planeOrder: readonly Plane[] = ["axial", "coronal", "sagittal"];
/** Steps of the sliders of a window over the image's range. */
const sliderSteps = 1000;
/** How far Page Up and Page Down go, in slices. */
const manySlices = 10;

/** Buttons, sliders and keys. */
export function openControls(app: App): Controls {
  const { state, viewer } = app;
  let layout: Layout = viewer.isSoftware ? "planes" : "all";
  let window = { low: 0, high: 1 };
  let preset = 0;
  let shownImage = "";

  const setTool = (tool: Tool) => () => {
    state.tool = tool;
    app.onChange();
  };
  const setLayout = (next: Layout) => () => {
    layout = next;
    if ((planeOrder as readonly Layout[]).includes(next)) state.plane = next as Plane;
    viewer.setLayout(next);
    app.onChange();
  };
  const send = (event: Parameters<App["send"]>[0]) => () => void app.send(event);
  const forActive = (work: (label: number) => void) => () => {
    if (state.active === undefined) app.say("there is no object yet: click into one", "refused");
    else work(state.active);
  };
  const step = (right: number, up: number) => () => {
    const by = viewer.stepOf(state.plane, right, up);
    const at = viewer.crosshair();
    viewer.moveCrosshair(at.map((value, axis) => value + by[axis]!) as unknown as Zyx);
    app.onChange();
  };
  const slice = (by: number) => () => {
    const { axis, sign } = viewer.normalOf(state.plane);
    const at = viewer.crosshair();
    viewer.moveCrosshair(at.with(axis, at[axis] + by * sign) as unknown as Zyx);
    app.onChange();
  };
  const here = (isInside: boolean) => () => {
    if (state.tool !== "box") return app.click(viewer.crosshair(), isInside, performance.now());
    const at = viewer.crosshair();
    const { draft } = state;
    const min = at.map((value, axis) => Math.min(value, draft?.min[axis] ?? value)) as unknown as Zyx;
    const max = at.map((value, axis) => Math.max(value + 1, draft?.max[axis] ?? 0)) as unknown as Zyx;
    state.draft = { min, max };
    app.say("box: move the crosshair and press Space at the opposite corner; Enter takes it, Esc drops it");
  };

  const actions = {
    click: { key: "p", words: "Click", run: setTool("click") },
    box: { key: "b", words: "Box", run: setTool("box") },
    brush: { key: "d", words: "Brush", run: setTool("brush") },
    eraser: { key: "e", words: "Eraser", run: setTool("eraser") },
    polarity: {
      key: "t",
      words: "Left click is inside or outside",
      run: () => {
        state.isInside = !state.isInside;
        app.onChange();
      },
    },
    smaller: { key: "[", words: "Smaller brush", run: () => setBrush(state.brushMm / 1.25) },
    larger: { key: "]", words: "Larger brush", run: () => setBrush(state.brushMm * 1.25) },
    undo: { key: "ctrl+z", shown: "Ctrl Z", words: "Undo", run: send({ type: "undo" }) },
    redo: { key: "ctrl+y", shown: "Ctrl Y", words: "Redo", run: send({ type: "redo" }) },
    live: {
      key: "l",
      words: "Answer live, or on Enter",
      run: () => {
        state.isLive = !state.isLive;
        app.say(state.isLive ? "live: every prompt is answered at once" : "prompts wait until Enter");
      },
    },
    ask: {
      key: "enter",
      shown: "Enter",
      words: "Take the box, answer what waits",
      run: () => {
        if (state.draft !== undefined) app.commitBox(performance.now());
        else if (state.image.report.objects.some(({ waiting }) => waiting > 0)) void app.send({ type: "predict" });
        else app.say("nothing waits for an answer", "refused");
      },
    },
    drop: {
      key: "escape",
      shown: "Esc",
      words: "Drop the box that is drawn",
      run: () => {
        state.draft = undefined;
        app.say("");
      },
    },
    newObject: { key: "n", words: "New object", run: () => void app.newObject() },
    nextObject: {
      key: "m",
      words: "Next object",
      run: () => {
        const labels = state.image.report.objects.map(({ label }) => label);
        if (labels.length > 0) app.activate(labels[(labels.indexOf(state.active ?? -1) + 1) % labels.length]!);
      },
    },
    show: { key: "v", words: "Show or hide the object", run: forActive((label) => app.toggleVisible(label)) },
    reset: {
      key: "r",
      words: "Reset: all prompts go",
      run: forActive((label) => void app.send({ type: "reset", label })),
    },
    remove: {
      key: "delete",
      shown: "Del",
      words: "Delete the object",
      run: forActive((label) => void app.send({ type: "drop", label })),
    },
    enlarge: {
      key: "g",
      words: "Enlarge: the model looks further",
      run: forActive((label) => void app.send({ type: "enlarge", label, voxels: 16 })),
    },
    inside: { key: "space", shown: "Space", words: "Click inside at the crosshair", run: here(true) },
    outside: { key: "shift+space", shown: "Shift Space", words: "Click outside at the crosshair", run: here(false) },
    left: { key: "arrowleft", shown: "←", words: "Crosshair left", run: step(-1, 0) },
    right: { key: "arrowright", shown: "→", words: "Crosshair right", run: step(1, 0) },
    up: { key: "arrowup", shown: "↑", words: "Crosshair up", run: step(0, 1) },
    down: { key: "arrowdown", shown: "↓", words: "Crosshair down", run: step(0, -1) },
    sliceUp: { key: "k", words: "Next slice", run: slice(1) },
    sliceDown: { key: "j", words: "Slice before", run: slice(-1) },
    slicesUp: { key: "pageup", shown: "Page Up", words: `${manySlices} slices on`, run: slice(manySlices) },
    slicesDown: { key: "pagedown", shown: "Page Down", words: `${manySlices} slices back`, run: slice(-manySlices) },
    plane: {
      key: "x",
      words: "Another plane for the keys",
      run: () => {
        state.plane = planeOrder[(planeOrder.indexOf(state.plane) + 1) % 3]!;
        app.onChange();
      },
    },
    preset: { key: "w", words: "Next window", run: () => choosePreset((preset + 1) % state.image.windows.length) },
    resetView: { key: "0", words: "Whole image in view", run: () => viewer.resetView() },
    previous: { key: ",", words: "Image before", run: () => openCase(state.image.index - 1) },
    next: { key: ".", words: "Next image", run: () => openCase(state.image.index + 1) },
    save: { key: "s", words: "Save the label map", run: () => exportLabels() },
    help: { key: "?", words: "These keys", run: () => element<HTMLDialogElement>("keys").showModal() },
  } as const satisfies Record<string, Action>;
  const layoutActions: Action[] = layouts.map(([name, words, key]) => ({ key, words, run: setLayout(name) }));
  const byKey = new Map<string, Action>(
    [...Object.values(actions), ...layoutActions].map((action) => [action.key, action]),
  );
  byKey.set("ctrl+shift+z", actions.redo);
  byKey.set("meta+z", actions.undo);
  byKey.set("meta+shift+z", actions.redo);
  byKey.set("backspace", actions.remove);

  function setBrush(millimetres: number): void {
    state.brushMm = Math.min(60, Math.max(0.3, millimetres));
    app.say(`brush: ${state.brushMm.toFixed(1)} mm`);
  }

  function openCase(index: number): void {
    if (index < 0 || index >= state.image.cases.length) app.say("there is no image further on", "refused");
    else void app.open(index);
  }

  function exportLabels(): void {
    download(server.exportAddress("labels", element<HTMLSelectElement>("format").value));
  }

  function download(address: string): void {
    // Behind what waits, so that the file holds it.
    make("a", { href: address, download: "" }).click();
    app.say("saved to the browser's downloads");
  }

  function choosePreset(index: number): void {
    preset = index;
    const { low, high, name } = state.image.windows[index]!;
    setWindow(low, high);
    element<HTMLSelectElement>("preset").value = String(index);
    app.say(`window: ${name}, ${numberWords(low)} to ${numberWords(high)}`);
  }

  function setWindow(low: number, high: number): void {
    window = { low, high };
    viewer.setWindow(low, high);
    showWindow();
  }

  function showWindow(): void {
    const [least, most] = state.image.range;
    const span = most - least || 1;
    const level = (window.low + window.high) / 2;
    const width = window.high - window.low;
    element<HTMLInputElement>("level").value = String(Math.round(((level - least) / span) * sliderSteps));
    element<HTMLInputElement>("width").value = String(Math.round(Math.sqrt(width / span) * sliderSteps));
    element("levelValue").textContent = numberWords(level);
    element("widthValue").textContent = numberWords(width);
  }

  // ---- what is made once --------------------------------------------------------------------------------------------
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
  element("exportPrompts").addEventListener("click", () => download(server.exportAddress("prompts")));
  element("exportMarkups").addEventListener("click", () => download(server.exportAddress("markups")));
  const file = element<HTMLInputElement>("startFile");
  element("startFrom").addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    const [chosen] = file.files ?? [];
    if (chosen !== undefined) void app.startFrom(chosen);
    file.value = "";
  });
  element<HTMLSelectElement>("case").addEventListener("change", (event) =>
    openCase(Number((event.target as HTMLSelectElement).value)),
  );
  element<HTMLSelectElement>("preset").addEventListener("change", (event) =>
    choosePreset(Number((event.target as HTMLSelectElement).value)),
  );
  for (const id of ["level", "width"]) Object.assign(element(id), { min: "0", max: String(sliderSteps) });
  element("level").addEventListener("input", () => fromSliders());
  element("width").addEventListener("input", () => fromSliders());
  element("opacity").addEventListener("input", (event) =>
    viewer.setOpacity(Number((event.target as HTMLInputElement).value) / 100),
  );
  fillHelp(element<HTMLDialogElement>("keys"), [...Object.values(actions), ...layoutActions]);

  function fromSliders(): void {
    const [least, most] = state.image.range;
    const span = most - least || 1;
    const level = least + (Number(element<HTMLInputElement>("level").value) / sliderSteps) * span;
    const width = Math.max((Number(element<HTMLInputElement>("width").value) / sliderSteps) ** 2, 1e-4) * span;
    setWindow(level - width / 2, level + width / 2);
  }

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
    if (event.type === "keydown" && !(state.isOpening && action !== actions.help)) action.run();
  };
  document.addEventListener("keydown", take, { capture: true });
  document.addEventListener("keyup", (event) => event.stopPropagation(), { capture: true });

  return {
    setWindow,
    getWindow: () => window,
    show() {
      const { image } = state;
      const key = `${image.index} ${image.log}`;
      if (key !== shownImage && !state.isOpening) {
        shownImage = key;
        element<HTMLSelectElement>("case").replaceChildren(
          ...image.cases.map((name, i) => make("option", { value: String(i), selected: i === image.index }, name)),
        );
        element("format").replaceChildren(...image.formats.map((name) => make("option", { value: name }, `.${name}`)));
        element<HTMLSelectElement>("preset").replaceChildren(
          ...image.windows.map(({ name }, i) => make("option", { value: String(i) }, name)),
        );
        preset = 0;
        window = image.windows[0]!;
        showWindow();
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

function keyName(event: KeyboardEvent): string {
  const key = event.key === " " ? "space" : event.key.toLowerCase();
  const isShifted = event.shiftKey && (key.length > 1 || event.ctrlKey || event.metaKey);
  return `${event.ctrlKey ? "ctrl+" : ""}${event.metaKey ? "meta+" : ""}${isShifted ? "shift+" : ""}${key}`;
}

export function numberWords(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return value.toFixed(0);
  return String(Number(value.toPrecision(4)));
}

function fillHelp(dialog: HTMLDialogElement, actions: readonly Action[]): void {
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
