import { type BoxDraft, draftOver, draftWithDepth, type Face, moveFace } from "../../src/boxDraft.ts";
import { brushDisc, lineBetween } from "../../src/brushDisc.ts";
import { runsOf, type Zyx } from "../../src/displayGrid.ts";
import type { App } from "./app.ts";
import { markSize } from "./marks.ts";
import type { Picked, Plane } from "./viewer.ts";

/** A press that moves less is a click. */
const clickPixels = 4;
/** Of the window's width or level, for one pixel. */
const windowStep = 0.004;

type Drag =
  | { readonly kind: "click"; readonly isInside: boolean; readonly x: number; readonly y: number; isDragged: boolean }
  | { readonly kind: "window"; x: number; y: number; readonly low: number; readonly high: number }
  | { readonly kind: "pan"; readonly plane: Plane; x: number; y: number }
  | { readonly kind: "rotate"; x: number; y: number }
  | { readonly kind: "face"; readonly face: Face; readonly plane: Plane }
  | {
      readonly kind: "box";
      readonly start: Picked;
      readonly before: BoxDraft | undefined;
      readonly drawnIn: Plane | undefined;
      isDrawn: boolean;
    }
  | { readonly kind: "brush"; readonly adds: boolean; readonly voxels: Set<number>; last: Picked };

export interface Pointer {
  /** Where the brush is, for its ring. */
  brushAt(): Picked | undefined;
}

/** The mouse, the pen and the wheel on the picture. */
export function listenToPointer(
  canvas: HTMLCanvasElement,
  app: App,
  setWindow: (low: number, high: number) => void,
  getWindow: () => { low: number; high: number },
): Pointer {
  const { viewer, state } = app;
  let drag: Drag | undefined;
  let hover: Picked | undefined;
  /** The plane that the draft was drawn in. */
  let drawnIn: Plane | undefined;
  let wheelRest = 0;

  const placeIn = (event: { clientX: number; clientY: number }) => {
    const { left, top } = canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top] as const;
  };
  const tileAt = (x: number, y: number) =>
    viewer
      .tiles()
      .find((tile) => x >= tile.left && x < tile.left + tile.width && y >= tile.top && y < tile.top + tile.height);

  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener("pointerdown", (event) => {
    if (state.isOpening || drag !== undefined) return;
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    const [x, y] = placeIn(event);
    const picked = viewer.pick(x, y);
    const tile = tileAt(x, y);
    if (tile?.plane === "render") drag = { kind: "rotate", x, y };
    else if (picked === undefined) {
      if (event.button !== 1) app.say("outside of the image: nothing was clicked", "refused");
    } else {
      state.plane = picked.plane;
      drag = begin(event, x, y, picked);
    }
    app.onChange();
  });

  function begin(event: PointerEvent, x: number, y: number, picked: Picked): Drag {
    const isOther = event.button === 2 || event.altKey;
    if (event.button === 1 || event.shiftKey) return { kind: "pan", plane: picked.plane, x, y };
    if (state.tool === "brush" || state.tool === "eraser") {
      const adds = (state.tool === "brush") !== isOther;
      const next: Drag = { kind: "brush", adds, voxels: new Set(), last: picked };
      brushTo(next, picked);
      return next;
    }
    if (state.tool === "box" && !isOther) {
      const face = faceAt(picked.plane, x, y);
      if (face !== undefined) return { kind: "face", face, plane: picked.plane };
      return { kind: "box", start: picked, before: state.draft, drawnIn, isDrawn: false };
    }
    return { kind: "click", isInside: state.isInside !== isOther, x, y, isDragged: false };
  }

  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = placeIn(event);
    const picked = viewer.pick(x, y);
    hover = picked;
    if (drag === undefined) {
      if (state.tool === "brush" || state.tool === "eraser") viewer.onFrame();
      return;
    }
    switch (drag.kind) {
      case "click": {
        if (!drag.isDragged && Math.hypot(x - drag.x, y - drag.y) <= clickPixels) return;
        if (event.buttons & 2) {
          drag = { kind: "window", x: drag.x, y: drag.y, ...getWindow() };
          return;
        }
        drag.isDragged = true;
        if (picked !== undefined) viewer.moveCrosshair(picked.voxel);
        break;
      }
      case "window": {
        const width = drag.high - drag.low;
        const level = (drag.high + drag.low) / 2 + (drag.y - y) * windowStep * width;
        const wider = Math.max(width * Math.exp((x - drag.x) * windowStep), width / 100);
        setWindow(level - wider / 2, level + wider / 2);
        return;
      }
      case "rotate":
        viewer.rotate((drag.x - x) / 2, (y - drag.y) / 2);
        [drag.x, drag.y] = [x, y];
        return;
      case "pan":
        viewer.pan(drag.plane, x - drag.x, drag.y - y);
        [drag.x, drag.y] = [x, y];
        return;
      case "face":
        if (picked?.plane === drag.plane && state.draft !== undefined) {
          state.draft = moveFace(state.draft, drag.face, picked.voxel[drag.face.axis], state.image.shape);
        }
        break;
      case "box":
        if (picked?.plane === drag.start.plane) drawBox(drag, picked);
        break;
      case "brush":
        if (picked?.plane === drag.last.plane) {
          for (const voxel of lineBetween(drag.last.voxel, picked.voxel)) brushTo(drag, { ...picked, voxel });
          drag.last = picked;
        }
        break;
    }
    app.onChange();
  });

  canvas.addEventListener("pointerup", (event) => {
    const from = performance.now();
    const ended = drag;
    drag = undefined;
    if (ended === undefined) return;
    const [x, y] = placeIn(event);
    if (ended.kind === "click" && !ended.isDragged) {
      const picked = viewer.pick(ended.x, ended.y);
      if (picked === undefined) return;
      viewer.moveCrosshair(picked.voxel);
      app.click(picked.voxel, ended.isInside, from);
    } else if (ended.kind === "box") {
      if (!ended.isDrawn) app.say("box: drag from corner to corner; then drag in another plane for its depth", "plain");
      else if (ended.before !== undefined && ended.drawnIn !== ended.start.plane && state.isLive) app.commitBox(from);
      else {
        drawnIn = ended.start.plane;
        app.say(
          "box: drag in another plane for its depth, move its handles, or Enter to take it; Esc drops it",
          "plain",
        );
      }
    } else if (ended.kind === "brush") {
      app.stroke(runsOf(ended.voxels), ended.adds);
    }
    hover = viewer.pick(x, y);
    app.onChange();
  });
  canvas.addEventListener("pointercancel", () => {
    drag = undefined;
  });
  canvas.addEventListener("pointerleave", () => {
    hover = undefined;
    viewer.onFrame();
  });

  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const [x, y] = placeIn(event);
      const tile = tileAt(x, y);
      if (tile === undefined || state.isOpening) return;
      if (event.ctrlKey || tile.plane === "render") return viewer.zoom(tile.plane, Math.exp(-event.deltaY * 0.0015));
      // Touchpads send many small steps.
      wheelRest += event.deltaMode === 0 ? event.deltaY / 60 : event.deltaY;
      const steps = Math.trunc(wheelRest);
      if (steps === 0) return;
      wheelRest -= steps;
      state.plane = tile.plane;
      const { axis, sign } = viewer.normalOf(tile.plane);
      const at = viewer.crosshair();
      viewer.moveCrosshair(at.with(axis, at[axis] - steps * sign) as unknown as Zyx);
      app.onChange();
    },
    { passive: false },
  );

  function drawBox(box: Drag & { kind: "box" }, to: Picked): void {
    const { spacing, shape } = state.image;
    const { axis } = viewer.normalOf(to.plane);
    box.isDrawn = true;
    const isSecond = box.before !== undefined && box.drawnIn !== undefined && box.drawnIn !== to.plane;
    if (isSecond) {
      const { axis: depth } = viewer.normalOf(box.drawnIn!);
      state.draft = draftWithDepth(box.before!, box.start.voxel, to.voxel, depth, shape);
    } else {
      state.draft = draftOver(box.start.voxel, to.voxel, axis, spacing, shape);
    }
  }

  function faceAt(plane: Plane, x: number, y: number): Face | undefined {
    const { draft } = state;
    if (draft === undefined) return undefined;
    const { axis: normal } = viewer.normalOf(plane);
    for (const axis of ([0, 1, 2] as const).filter((other) => other !== normal)) {
      for (const isMax of [false, true]) {
        const middle = draft.min.map((low, i) => (low + draft.max[i]! - 1) / 2);
        middle[axis] = isMax ? draft.max[axis] - 0.5 : draft.min[axis] - 0.5;
        const place = viewer.placeOf(plane, middle);
        if (place !== undefined && Math.hypot(place[0] - x, place[1] - y) <= 1.6 * markSize()) return { axis, isMax };
      }
    }
    return undefined;
  }

  function brushTo(stroke: Drag & { kind: "brush" }, { plane, voxel }: Picked): void {
    const { spacing, shape } = state.image;
    const label = state.active ?? app.newObject();
    const disc = brushDisc(voxel, viewer.normalOf(plane).axis, state.brushMm, spacing, shape);
    const fresh = disc.filter((index) => !stroke.voxels.has(index));
    for (const index of fresh) stroke.voxels.add(index);
    if (stroke.adds) viewer.paint(fresh, label);
    else viewer.paint(fresh, 0, label);
  }

  return { brushAt: () => (state.tool === "brush" || state.tool === "eraser" ? hover : undefined) };
}
