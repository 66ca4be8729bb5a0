import type { Zyx } from "../../src/displayGrid.ts";
import type { App, Tool } from "./app.ts";
import type { Files } from "./files.ts";
import { element } from "./panel.ts";
import type { Plane } from "./viewer.ts";
import type { WindowControl } from "./windowControl.ts";

/** Something that a key or a button does. */
export interface Action {
  readonly key: string;
  readonly words: string;
  readonly run: () => void;
  /** Written on the button and in the list of keys, where it differs from the key. */
  readonly shown?: string;
  /** Also while an image opens. */
  readonly isAlways?: boolean;
}

export const planeOrder: readonly Plane[] = ["axial", "coronal", "sagittal"];
/** How far Page Up and Page Down go, in slices. */
const manySlices = 10;

/** Everything that can be done by key, but for the layouts. */
export function actionsOf(app: App, window: WindowControl, files: Files) {
  const { state, viewer } = app;
  const setTool = (tool: Tool) => () => {
    state.tool = tool;
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

  function setBrush(millimetres: number): void {
    state.brushMm = Math.min(60, Math.max(0.3, millimetres));
    app.say(`brush: ${state.brushMm.toFixed(1)} mm`);
  }

  function openCase(index: number): void {
    if (index < 0 || index >= state.image.cases.length) app.say("there is no image further on", "refused");
    else void app.open(index);
  }

  return {
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
    preset: { key: "w", words: "Next window", run: window.next },
    resetView: { key: "0", words: "Whole image in view", run: () => viewer.resetView() },
    previous: { key: ",", words: "Image before", run: () => openCase(state.image.index - 1) },
    next: { key: ".", words: "Next image", run: () => openCase(state.image.index + 1) },
    save: { key: "s", words: "Save the label map", run: files.exportLabels },
    help: { key: "?", words: "These keys", isAlways: true, run: () => element<HTMLDialogElement>("keys").showModal() },
  } as const satisfies Record<string, Action>;
}
