import type { ObjectReport } from "@ensam/core/session";
import type { Zyx } from "../../src/displayGrid.ts";
import type { App } from "./app.ts";

/** Returns the element with an id; the page's own HTML has it. */
export function element<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  return document.getElementById(id) as Kind;
}

/** An element with attributes and children, text made safe by the DOM. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]> & { readonly pressed?: boolean } = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const { pressed, ...rest } = properties;
  const made = Object.assign(document.createElement(tag), rest) as HTMLElementTagNameMap[Tag];
  if (pressed !== undefined) made.setAttribute("aria-pressed", String(pressed));
  made.append(...children);
  return made;
}

/** A button's text with its key. */
export function labelled(text: string, key?: string): (Node | string)[] {
  return key === undefined ? [text] : [make("span", {}, text), make("kbd", {}, key)];
}

export function millilitres(voxels: number, voxelMm3: number): string {
  const ml = (voxels * voxelMm3) / 1000;
  return ml === 0
    ? "–"
    : `${ml >= 100 ? ml.toFixed(0) : ml >= 10 ? ml.toFixed(1) : ml.toPrecision(ml >= 1 ? 3 : 2)} ml`;
}

let objectsShown: readonly unknown[] = [];

/** Shows the objects with their prompts; what is edited at this moment, or as before, is left alone. */
export function showObjects(app: App): void {
  const { image, active, hidden, isLive } = app.state;
  const wanted = [image.report, active, [...hidden].join(), isLive];
  if (wanted.every((value, i) => value === objectsShown[i])) return;
  objectsShown = wanted;
  const list = element("objects");
  const isEdited = document.activeElement instanceof HTMLInputElement && list.contains(document.activeElement);
  if (isEdited) objectsShown = [];
  if (!isEdited) list.replaceChildren(...image.report.objects.map((object) => objectRow(app, object)));
  else
    for (const row of list.children)
      row.classList.toggle("active", Number((row as HTMLElement).dataset.label) === active);
  showPrompts(app, app.activeObject());
}

function objectRow(app: App, { label, name, colour, voxels }: ObjectReport): HTMLLIElement {
  const { state } = app;
  const isHidden = state.hidden.has(label);
  const swatch = make("input", { type: "color", value: colour, title: "Colour", ariaLabel: `Colour of ${name}` });
  swatch.addEventListener("change", () => void app.send({ type: "describe", label, colour: swatch.value }));
  const text = make("input", { type: "text", value: name, ariaLabel: "Name", spellcheck: false });
  text.addEventListener("focus", () => app.activate(label));
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter") text.blur();
    if (event.key === "Escape") {
      text.value = name;
      text.blur();
    }
  });
  text.addEventListener("change", () => {
    if (text.value.trim() !== "" && text.value !== name)
      void app.send({ type: "describe", label, name: text.value.trim() });
  });
  text.addEventListener("blur", () => setTimeout(() => app.onChange()));
  const eye = make("button", {
    className: "icon",
    title: "Show or hide (V)",
    ariaLabel: `Show ${name}`,
    pressed: !isHidden,
  });
  eye.textContent = isHidden ? "○" : "●";
  eye.addEventListener("click", () => app.toggleVisible(label));
  const volume = make("span", { className: "number" }, millilitres(voxels, state.image.voxelMm3));
  const row = make("li", { className: label === state.active ? "active" : "" }, swatch, text, volume, eye);
  row.dataset.label = String(label);
  row.addEventListener("pointerdown", () => app.state.active !== label && app.activate(label));
  return row;
}

function showPrompts(app: App, object: ObjectReport | undefined): void {
  const hint = element("hint");
  const [words, warns] = hintFor(app, object);
  hint.textContent = words;
  hint.classList.toggle("warns", warns);
  element("promptsTitle").textContent = object === undefined ? "Prompts" : `Prompts of ${object.name}`;
  const rows = (object?.prompts ?? []).map((prompt, i) => {
    const isWaiting = i >= object!.prompts.length - object!.waiting;
    if (prompt.kind === "click") {
      const kind = prompt.foreground ? "inside" : "outside";
      return promptRow(app, prompt.event, kind, kind, prompt.at, prompt.at.join(", "), isWaiting);
    }
    const { min, max } = prompt.box;
    const middle = min.map((low, axis) => (low + max[axis]! - 1) >> 1) as unknown as Zyx;
    const size = min.map((low, axis) => max[axis]! - low).join(" × ");
    return promptRow(app, prompt.event, "box", "box", middle, size, isWaiting);
  });
  const strokes = (object?.strokes ?? []).map(({ event, adds, box: { min, max } }) => {
    const middle = min.map((low, axis) => (low + max[axis]! - 1) >> 1) as unknown as Zyx;
    return promptRow(app, event, "stroke", adds ? "brush" : "eraser", middle, middle.join(", "), false);
  });
  element("prompts").replaceChildren(...rows, ...strokes);
}

function promptRow(
  app: App,
  event: number,
  kind: string,
  word: string,
  at: Zyx,
  where: string,
  isWaiting: boolean,
): HTMLLIElement {
  const jump = make(
    "button",
    { className: "jump", title: "Go there" },
    make("span", {}, make("span", { className: `dot ${kind}` }), isWaiting ? `${word} (waits)` : word),
    make("span", { className: "number" }, where),
  );
  jump.addEventListener("click", () => app.viewer.moveCrosshair(at));
  const remove = make(
    "button",
    { className: "icon", title: "Take this one back", ariaLabel: `Take back ${word} ${where}` },
    "✕",
  );
  remove.addEventListener("click", () => void app.send({ type: "remove", event }));
  return make("li", { className: isWaiting ? "waits" : "" }, jump, remove);
}

const nothingFound =
  "The model finds nothing there. Another click inside (P) or a box around it (B) says more, Enlarge (G) looks " +
  "further; what it has never learnt can be painted (D).";

/** What to do next, or what to know about the mask. */
function hintFor(app: App, object: ObjectReport | undefined): [string, boolean] {
  if (object === undefined) return ["Click into an object: left is inside, right or Alt is outside.", false];
  if (object.isUnseen) return [nothingFound, true];
  if (object.isCut) return ["The mask reaches the border of what the model looked at: Enlarge looks further.", true];
  const isEmpty = object.prompts.length + object.strokes.length === 0;
  if (isEmpty && !object.startsFromMask)
    return ["Click into the object: left is inside, right or Alt is outside.", false];
  if (object.waiting > 0) return [app.state.isLive ? "Waits for a click inside." : "Enter asks the model.", false];
  return ["", false];
}
