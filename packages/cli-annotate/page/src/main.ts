import { voxelToWorld } from "@ensam/core/geometry";
import { openApp } from "./app.ts";
import { server } from "./connection.ts";
import { openControls } from "./controls.ts";
import { openMarks } from "./marks.ts";
import { openViewer } from "./niivue/openViewer.ts";
import { numberWords } from "./numberWords.ts";
import { element, make, showObjects } from "./panel.ts";
import { listenToPointer, type Pointer } from "./pointer.ts";
import type { Viewer } from "./viewer.ts";

/** The state of the page for whoever drives it from outside, such as its tests. */
declare global {
  interface Window {
    ensam: unknown;
  }
}

/** An answer that comes sooner needs no sign that it is awaited; a turning one takes the processor from the model. */
const busyMilliseconds = 250;

try {
  const first = server.first();
  first.catch(() => undefined);
  const viewer = await openViewer(element<HTMLCanvasElement>("image"));
  viewer.setOpacity(0.45);
  const coarse = await first;
  if (coarse !== undefined) await showCoarse(viewer, coarse);
  const app = await openApp(viewer, coarse !== undefined);
  const controls = openControls(app);
  let pointer: Pointer | undefined;
  let busyTimer: ReturnType<typeof setTimeout> | undefined;
  const drawMarks = openMarks(element<HTMLCanvasElement>("marks"), app, () => pointer?.brushAt());
  pointer = listenToPointer(element<HTMLCanvasElement>("marks"), app, controls.window.set, controls.window.get);

  viewer.onFrame = () => {
    drawMarks();
    showPlace();
  };
  app.onChange = () => {
    controls.show();
    showObjects(app);
    showStatus();
    viewer.onFrame();
  };

  function showPlace(): void {
    const { image, isOpening } = app.state;
    if (isOpening) return;
    const at = viewer.crosshair();
    const mm = voxelToWorld(image.affine, at).map((value) => value.toFixed(1));
    const value = numberWords(viewer.valueAt(at));
    const parts = [
      ["z, y, x ", at.join(", ")],
      ["R, A, S ", `${mm.join(", ")} mm`],
      ["value ", value],
    ] as const;
    element("place").replaceChildren(...parts.map(([name, text]) => make("span", {}, name, make("b", {}, text))));
  }

  function showStatus(): void {
    const { queue, isOpening, isCoarse, message, answered } = app.state;
    element("veil").hidden = !isOpening;
    showVeil(isCoarse);
    if (queue.length === 0) {
      clearTimeout(busyTimer);
      busyTimer = undefined;
      element("busy").hidden = true;
    } else {
      busyTimer ??= setTimeout(() => {
        element("busy").hidden = false;
      }, busyMilliseconds);
    }
    element("busyText").textContent = queue.length > 1 ? `answering, ${queue.length - 1} more wait` : "answering";
    const text = element("message");
    text.textContent = message.text;
    text.title = message.text;
    text.className = message.kind;
    element("answered").textContent =
      answered === undefined ? "" : `answered in ${Math.round(answered.milliseconds)} ms`;
  }

  window.ensam = { app, viewer };
  app.onChange();
  await app.open(app.state.image.index);
  element("marks").focus({ preventScroll: true });
} catch (error) {
  element("veilText").textContent = error instanceof Error ? error.message : String(error);
}

/** While the server still opens a large image. */
async function showCoarse(viewer: Viewer, bytes: ArrayBuffer): Promise<void> {
  const header = new DataView(bytes);
  await viewer.load(bytes, undefined, { high: header.getFloat32(124, true), low: header.getFloat32(128, true) });
  showVeil(true);
  viewer.drawNow();
  await viewer.drawn();
  performance.mark("coarse");
}

function showVeil(isCoarse: boolean): void {
  element("veil").className = isCoarse ? "coarse" : "";
  element("veilText").textContent = isCoarse ? "A coarse picture; all of it is on its way" : "Opening the image";
}
