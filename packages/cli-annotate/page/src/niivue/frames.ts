import type { Zyx } from "../../../src/displayGrid.ts";
import type { Plane, Planes } from "../viewer.ts";
import type { Change } from "./change.ts";
import { planes as planeNames, type Shown } from "./inner.ts";

/** Draws NiiVue's picture, and of it no more than has changed. */
export interface Frames {
  /** Draws at the next frame of the screen. */
  request(change: Change): void;
  /** Draws what was requested at once, and everything where nothing was. */
  now(): void;
}

/** The mask in 3-D, which takes far longer than the planes, follows when no answer came for so long. */
const restMilliseconds = 300;

type Rectangle = readonly [left: number, bottom: number, width: number, height: number];

/**
 * The planes lie over the picture of before, which the canvas keeps (`preserveDrawingBuffer`): a moved crosshair leaves
 * the 3-D view alone, and a changed block of the mask all but its own rectangle in each plane that cuts it.
 */
export function openFrames(
  { nv, inner }: Shown,
  { placeOf, normalOf }: Planes,
  crosshair: () => Zyx,
  onFrame: () => void,
): Frames {
  let requested: readonly Change[] = [];
  let frame = 0;
  let rest: ReturnType<typeof setTimeout> | undefined;
  /** While only a part is drawn: that part of each plane. */
  let parts: ReadonlyMap<Plane, Rectangle> | undefined;

  const { clearBounds, draw2D, draw3D } = inner;
  inner.clearBounds = (...drawing) => {
    if (parts === undefined) clearBounds.apply(inner, drawing);
  };
  inner.draw3D = (...drawing) => (parts === undefined ? draw3D.apply(inner, drawing) : undefined);
  inner.draw2D = (...drawing) => {
    const [, number] = drawing;
    const part = parts?.get(planeNames[number] as Plane);
    if (parts !== undefined && part === undefined) return;
    if (part !== undefined) nv.gl.scissor(...part);
    draw2D.apply(inner, drawing);
  };

  function drawParts(of: ReadonlyMap<Plane, Rectangle>): void {
    const { gl } = nv;
    const tiles = inner.screenSlices;
    parts = of;
    gl.enable(gl.SCISSOR_TEST);
    try {
      inner.drawSceneCore();
    } finally {
      gl.disable(gl.SCISSOR_TEST);
      parts = undefined;
      // NiiVue has begun its list of tiles anew, without those that were left out.
      const drawn = inner.screenSlices;
      inner.screenSlices = tiles.map((tile) => drawn.find(({ axCorSag }) => axCorSag === tile.axCorSag) ?? tile);
    }
  }

  /** Where a block lies in a plane, in device pixels from the lower left; `undefined` where the slice misses it. */
  function coverOf(plane: Plane, { min, max }: { readonly min: Zyx; readonly max: Zyx }): Rectangle | undefined {
    const { axis } = normalOf(plane);
    const slice = crosshair()[axis];
    if (slice < min[axis] || slice >= max[axis]) return undefined;
    const corners = [min, max].map((zyx) =>
      placeOf(
        plane,
        zyx.map((value) => value - 0.5),
      ),
    );
    const [a, b] = corners;
    if (a === undefined || b === undefined) return undefined;
    const ratio = inner.uiData.dpr ?? devicePixelRatio;
    const low = [0, 1].map((i) => Math.floor(Math.min(a[i]!, b[i]!) * ratio) - 1);
    const high = [0, 1].map((i) => Math.ceil(Math.max(a[i]!, b[i]!) * ratio) + 1);
    return [low[0]!, nv.gl.canvas.height - high[1]!, high[0]! - low[0]!, high[1]! - low[1]!];
  }

  /** The parts of the planes that the changes touch; `undefined` where that is not known. */
  function partsOf(changes: readonly Change[]): ReadonlyMap<Plane, Rectangle> | undefined {
    const tiles = inner.screenSlices.map(({ axCorSag }) => planeNames[axCorSag]);
    if (tiles.length === 0 || changes.length === 0 || changes.includes("all")) return undefined;
    const [first] = tiles;
    if (tiles.length === 1 && first === "render")
      return changes.every((change) => change === "slices") ? new Map() : undefined;
    const whole: Rectangle = [0, 0, nv.gl.canvas.width, nv.gl.canvas.height];
    const found = new Map<Plane, Rectangle>();
    for (const plane of tiles) {
      if (plane === undefined || plane === "render") continue;
      const covers = changes.map((change) => (typeof change === "string" ? whole : coverOf(plane, change)));
      const cover = covers.reduce(unite, undefined);
      if (cover !== undefined) found.set(plane, cover);
    }
    return found;
  }

  function now(): void {
    cancelAnimationFrame(frame);
    frame = 0;
    const changes = requested;
    requested = [];
    if (nv.volumes.length > 0) {
      const found = partsOf(changes);
      if (found === undefined) {
        clearTimeout(rest);
        inner.drawSceneCore();
      } else {
        if (found.size > 0) drawParts(found);
        const isMask = changes.some((change) => typeof change !== "string");
        if (isMask && inner.screenSlices.some(({ axCorSag }) => planeNames[axCorSag] === "render")) {
          clearTimeout(rest);
          rest = setTimeout(() => request("all"), restMilliseconds);
        }
      }
    }
    onFrame();
  }

  function request(change: Change): void {
    requested = change === "all" ? [change] : [...requested, change];
    if (frame === 0) frame = requestAnimationFrame(now);
  }

  return { request, now };
}

function unite(a: Rectangle | undefined, b: Rectangle | undefined): Rectangle | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const [left, bottom] = [Math.min(a[0], b[0]), Math.min(a[1], b[1])];
  return [left, bottom, Math.max(a[0] + a[2], b[0] + b[2]) - left, Math.max(a[1] + a[3], b[1] + b[3]) - bottom];
}
