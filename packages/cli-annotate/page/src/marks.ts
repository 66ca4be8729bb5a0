import type { Zyx } from "../../src/displayGrid.ts";
import type { App } from "./app.ts";
import type { Plane, Tile } from "./viewer.ts";

/** Slices on both sides of a click on which its mark is still seen, ever fainter. */
const nearSlices = 3;
const inside = "#5fd38d";
const outside = "#ff7b7b";
const accent = "#5cc7be";

/** The radius of a click's mark, in CSS pixels. */
export function markSize(): number {
  return Math.max(5, Number.parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.42);
}

/** Draws clicks, boxes and the brush over the picture; returns how to draw anew. */
export function openMarks(
  canvas: HTMLCanvasElement,
  app: App,
  brushAt: () => { plane: Plane; voxel: Zyx } | undefined,
): () => void {
  const context = canvas.getContext("2d")!;
  /** A thin line, in CSS pixels: thicker on large screens, as the text is. */
  let unit = 1;
  /** All that the marks follow from, as they were drawn. */
  let drawn = "";
  return () => {
    const { width, height } = canvas.getBoundingClientRect();
    const ratio = devicePixelRatio;
    const wanted = JSON.stringify([width, height, ratio, ...marked()]);
    if (wanted === drawn) return;
    drawn = wanted;
    if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
    if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    // A coarse picture has other voxels.
    if (app.state.isOpening) return;
    for (const tile of app.viewer.tiles()) {
      if (tile.plane === "render") continue;
      context.save();
      context.beginPath();
      context.rect(tile.left, tile.top, tile.width, tile.height);
      context.clip();
      drawTile(tile as Tile & { plane: Plane });
      context.restore();
    }
  };

  function marked(): unknown[] {
    const { viewer, state } = app;
    const { isOpening, image, active, queue, draft, plane, tool, brushMm } = state;
    if (isOpening) return [];
    const object = app.activeObject();
    const places = viewer.tiles().map((tile) => {
      if (tile.plane === "render") return tile;
      const [low, high] = [viewer.placeOf(tile.plane, [0, 0, 0]), viewer.placeOf(tile.plane, image.shape)];
      return { ...tile, low, high };
    });
    const sent = queue.filter(({ type }) => type === "click" || type === "box");
    const brush = brushAt();
    const prompts = [object?.prompts, object?.waiting, object?.colour, active];
    return [places, viewer.crosshair(), prompts, sent, draft, plane, brush && [brush, tool, brushMm]];
  }

  function drawTile(tile: Tile & { plane: Plane }): void {
    const { state, viewer } = app;
    const size = markSize();
    unit = size / 5.6;
    const { axis } = viewer.normalOf(tile.plane);
    const slice = viewer.crosshair()[axis];
    drawFrame(tile, axis, slice, size);
    for (const object of state.image.report.objects) {
      if (object.label !== state.active) continue;
      for (const [i, prompt] of object.prompts.entries()) {
        const isWaiting = i >= object.prompts.length - object.waiting;
        if (prompt.kind === "click")
          drawClick(tile.plane, prompt.at, prompt.foreground, slice - prompt.at[axis], size, isWaiting);
        else drawBox(tile.plane, prompt.box, axis, slice, object.colour, false);
      }
    }
    for (const event of state.queue) {
      if (event.type === "click") drawClick(tile.plane, event.at, event.foreground, slice - event.at[axis], size, true);
      if (event.type === "box") drawBox(tile.plane, event, axis, slice, accent, false);
    }
    if (state.draft !== undefined) drawBox(tile.plane, state.draft, axis, slice, accent, true);
    const brush = brushAt();
    if (brush?.plane === tile.plane) drawBrush(tile.plane, brush.voxel, axis);
  }

  /** The crosshair, where the body's sides are, the slice, and whether the keys go to this plane. */
  function drawFrame(tile: Tile & { plane: Plane }, axis: 0 | 1 | 2, slice: number, size: number): void {
    const { state, viewer } = app;
    const { left, top, width, height } = tile;
    const [right, bottom] = [left + width, top + height];
    const place = viewer.placeOf(tile.plane, viewer.crosshair());
    if (place !== undefined && !state.isOpening) {
      const [x, y] = place.map((value) => Math.round(value) + 0.5) as [number, number];
      const gap = size * 2.6;
      context.strokeStyle = "rgb(92 199 190 / 70%)";
      context.lineWidth = unit;
      context.beginPath();
      for (const [fromX, fromY, toX, toY] of [
        [left, y, x - gap, y],
        [x + gap, y, right, y],
        [x, top, x, y - gap],
        [x, y + gap, x, bottom],
      ] as const) {
        context.moveTo(fromX, fromY);
        context.lineTo(toX, toY);
      }
      context.stroke();
    }
    if (state.plane === tile.plane) {
      context.strokeStyle = "rgb(92 199 190 / 40%)";
      context.lineWidth = 2 * unit;
      context.strokeRect(left + 1, top + 1, width - 2, height - 2);
    }
    context.font = `${(size * 2.1).toFixed(1)}px system-ui, "DejaVu Sans", sans-serif`;
    context.fillStyle = "rgb(222 228 235)";
    // A dark rim: bone is as bright as the letters.
    context.strokeStyle = "rgb(8 10 12 / 85%)";
    context.lineWidth = 3 * unit;
    context.lineJoin = "round";
    const inset = size * 1.1;
    const [atLeft, atRight, atTop, atBottom] = viewer.lettersOf(tile.plane);
    const name = `${tile.plane} ${slice + 1} / ${state.image.shape[axis]}`;
    context.textBaseline = "middle";
    for (const [text, align, x, y] of [
      [atLeft, "left", left + inset, top + height / 2],
      [atRight, "right", right - inset, top + height / 2],
      [atTop, "center", left + width / 2, top + inset * 1.6],
      [atBottom, "center", left + width / 2, bottom - inset * 1.6],
      [name, "left", left + inset, top + inset * 1.6],
    ] as const) {
      context.textAlign = align;
      context.strokeText(text, x, y);
      context.fillText(text, x, y);
    }
    context.lineJoin = "miter";
  }

  function drawClick(plane: Plane, at: Zyx, foreground: boolean, away: number, size: number, isHollow: boolean): void {
    const place = app.viewer.placeOf(plane, at);
    if (place === undefined || Math.abs(away) > nearSlices) return;
    const [x, y] = place;
    context.globalAlpha = away === 0 ? 1 : 0.45 - 0.1 * Math.abs(away);
    context.lineWidth = size * 0.34;
    context.strokeStyle = "rgb(8 10 12 / 85%)";
    const path = () => {
      context.beginPath();
      context.arc(x, y, size, 0, 2 * Math.PI);
    };
    path();
    context.stroke();
    context.fillStyle = foreground ? inside : outside;
    if (away === 0 && !isHollow) {
      path();
      context.fill();
      // The sign says it without the colour.
      context.strokeStyle = "#0b0d10";
      context.beginPath();
      context.moveTo(x - size * 0.5, y);
      context.lineTo(x + size * 0.5, y);
      if (foreground) {
        context.moveTo(x, y - size * 0.5);
        context.lineTo(x, y + size * 0.5);
      }
      context.stroke();
    } else {
      context.strokeStyle = foreground ? inside : outside;
      context.lineWidth = size * 0.24;
      path();
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  function drawBox(
    plane: Plane,
    box: { min: Zyx; max: Zyx },
    axis: 0 | 1 | 2,
    slice: number,
    colour: string,
    isDraft: boolean,
  ): void {
    const a = app.viewer.placeOf(
      plane,
      box.min.map((v) => v - 0.5),
    );
    const b = app.viewer.placeOf(
      plane,
      box.max.map((v) => v - 0.5),
    );
    if (a === undefined || b === undefined) return;
    const isCut = slice >= box.min[axis] && slice < box.max[axis];
    context.globalAlpha = isCut ? 1 : 0.4;
    context.setLineDash(isCut ? [] : [5 * unit, 5 * unit]);
    context.strokeStyle = colour;
    context.lineWidth = (isDraft ? 2 : 1.5) * unit;
    const [left, top] = [Math.min(a[0], b[0]), Math.min(a[1], b[1])];
    const [wide, high] = [Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1])];
    context.strokeRect(left, top, wide, high);
    context.setLineDash([]);
    if (isDraft) {
      context.fillStyle = colour;
      for (const [x, y] of [
        [left, top + high / 2],
        [left + wide, top + high / 2],
        [left + wide / 2, top],
        [left + wide / 2, top + high],
      ] as const) {
        context.fillRect(x - 4 * unit, y - 4 * unit, 8 * unit, 8 * unit);
      }
    }
    context.globalAlpha = 1;
  }

  function drawBrush(plane: Plane, voxel: Zyx, axis: 0 | 1 | 2): void {
    const { spacing } = app.state.image;
    const middle = app.viewer.placeOf(plane, voxel);
    if (middle === undefined) return;
    const radii = ([0, 1, 2] as const).flatMap((other) => {
      if (other === axis) return [];
      const end = app.viewer.placeOf(
        plane,
        voxel.map((v, i) => (i === other ? v + app.state.brushMm / spacing[other] : v)),
      );
      return end ? [[Math.abs(end[0] - middle[0]), Math.abs(end[1] - middle[1])] as const] : [];
    });
    context.strokeStyle = app.state.tool === "eraser" ? outside : inside;
    context.lineWidth = 1.5 * unit;
    context.beginPath();
    const [rx, ry] = [Math.max(...radii.map((r) => r[0])), Math.max(...radii.map((r) => r[1]))];
    context.ellipse(middle[0], middle[1], Math.max(rx, 2), Math.max(ry, 2), 0, 0, 2 * Math.PI);
    context.stroke();
  }
}
