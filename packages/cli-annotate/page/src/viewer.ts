import { Niivue, SLICE_TYPE } from "@niivue/niivue";
import {
  blockToRas,
  type DisplayGrid,
  displayGrid,
  type RasVoxel,
  toRas,
  toStored,
  type Zyx,
} from "../../src/displayGrid.ts";

/** The one file that knows NiiVue. Outside of it voxels are those of the stored grid and lengths are CSS pixels. */

export type Plane = "axial" | "coronal" | "sagittal";
export type Layout = Plane | "all" | "planes" | "render";

/** A plane on the screen. */
export interface Tile {
  readonly plane: Plane | "render";
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Picked {
  readonly plane: Plane;
  readonly voxel: Zyx;
}

export interface Viewer {
  /** The processor draws: there is no graphics card, so what is not looked at should not be drawn. */
  readonly isSoftware: boolean;
  readonly grid: DisplayGrid;
  /** Shows another image (bytes of a NIfTI-1 file) with an empty mask. */
  load(bytes: ArrayBuffer, shape: Zyx, window: { low: number; high: number }): Promise<void>;
  setWindow(low: number, high: number): void;
  setLayout(layout: Layout): void;
  tiles(): Tile[];
  /** The voxel under a place on the canvas; `undefined` outside of the image or on the 3-D view. */
  pick(x: number, y: number): Picked | undefined;
  /** Where a place of the stored grid (voxel centres are whole) lies in a plane, whatever its slice. */
  placeOf(plane: Plane, zyx: readonly number[]): readonly [x: number, y: number] | undefined;
  crosshair(): Zyx;
  moveCrosshair(voxel: Zyx): void;
  valueAt(voxel: Zyx): number;
  /** The stored axis across a plane, and the sense in which the slice numbers of the screen grow. */
  normalOf(plane: Plane): { readonly axis: 0 | 1 | 2; readonly sign: 1 | -1 };
  /** Letters of where the screen's left, right, top and bottom are. */
  lettersOf(plane: Plane): readonly [left: string, right: string, top: string, bottom: string];
  /** A step on the screen (right, up) as a step of the stored grid. */
  stepOf(plane: Plane, right: number, up: number): Zyx;
  setLabels(labels: Uint8Array): void;
  /** How long the last block took to reach the texture. */
  readonly textureMilliseconds: number;
  setBlock(min: Zyx, max: Zyx, labels: Uint8Array): void;
  /** Shows single voxels (stored flat indices) until the server says otherwise; `only` spares other labels. */
  paint(indices: readonly number[], label: number, only?: number): void;
  setColours(colours: ReadonlyMap<number, { readonly colour: string; readonly isVisible: boolean }>): void;
  setOpacity(opacity: number): void;
  rotate(right: number, up: number): void;
  zoom(plane: Plane | "render", factor: number): void;
  pan(plane: Plane, right: number, up: number): void;
  resetView(): void;
  /** Called after each frame. */
  onFrame: () => void;
  drawNow(): void;
  /** Resolves when all that was drawn is in the picture. */
  drawn(): Promise<void>;
  redraw(): void;
}

const sliceTypes: Readonly<Record<Layout, SLICE_TYPE>> = {
  axial: SLICE_TYPE.AXIAL,
  coronal: SLICE_TYPE.CORONAL,
  sagittal: SLICE_TYPE.SAGITTAL,
  all: SLICE_TYPE.MULTIPLANAR,
  planes: SLICE_TYPE.MULTIPLANAR,
  render: SLICE_TYPE.RENDER,
};
const planes: Readonly<Record<number, Tile["plane"]>> = { 0: "axial", 1: "coronal", 2: "sagittal", 4: "render" };
/** RAS axes along the screen's right and up, and across. */
const axesOf: Readonly<Record<Plane, readonly [0 | 1 | 2, 0 | 1 | 2, 0 | 1 | 2]>> = {
  axial: [0, 1, 2],
  coronal: [0, 2, 1],
  sagittal: [1, 2, 0],
};
const drawTextureUnit = 7;

/** What is used of NiiVue beyond its public types. */
interface Inner {
  drawBitmap: Uint8Array | null;
  drawTexture: WebGLTexture | null;
  drawLut: { lut: Uint8ClampedArray; labels: string[] };
  drawOpacity: number;
  screenSlices: readonly { leftTopWidthHeight: readonly number[]; axCorSag: number }[];
  uiData: { dpr?: number };
  opts: Record<string, unknown>;
  scene: {
    crosshairPos: ArrayLike<number>;
    pan2Dxyzmm: ArrayLike<number>;
    volScaleMultiplier: number;
    renderAzimuth: number;
    renderElevation: number;
  };
  canvasPos2frac(position: readonly number[]): ArrayLike<number>;
  screenXY2TextureFrac(x: number, y: number, tile: number, restrict: boolean): ArrayLike<number>;
  frac2vox(frac: ArrayLike<number>): ArrayLike<number>;
  vox2frac(vox: readonly number[]): never;
  refreshColormaps(): void;
  refreshDrawing(isForced: boolean): void;
}

function isSoftware(gl: WebGL2RenderingContext): boolean {
  const names = gl.getExtension("WEBGL_debug_renderer_info");
  return (
    names !== null && /swiftshader|llvmpipe|software/i.test(String(gl.getParameter(names.UNMASKED_RENDERER_WEBGL)))
  );
}

/** Whether the screen's right is the low end of an axis: the radiologists' convention mirrors left and right. */
function isMirrored(axis: 0 | 1 | 2): boolean {
  return axis === 0;
}

type Rectangle = [left: number, top: number, width: number, height: number];

/** A tile's place in device pixels; NiiVue gives mirrored ones a negative width. */
function rectangleOf({ leftTopWidthHeight }: { readonly leftTopWidthHeight: readonly number[] }): Rectangle {
  const [left, top, width, height] = leftTopWidthHeight as Rectangle;
  return [Math.min(left, left + width), top, Math.abs(width), height];
}

/** Opens NiiVue on a canvas. Mouse and keys stay with the page: the canvas gets none of them. */
export async function openViewer(canvas: HTMLCanvasElement): Promise<Viewer> {
  performance.mark("attach");
  const nv = new Niivue({
    logLevel: "error",
    dragAndDropEnabled: false,
    isNearestInterpolation: true,
    isForceMouseClickToVoxelCenters: true,
    isColorbar: false,
    backColor: [0.055, 0.062, 0.075, 1],
    crosshairWidth: 0, // The page draws its own, and the letters.
    isOrientationTextVisible: false,
    isRadiologicalConvention: true, // The body's right is on the left, as in Slicer and ITK-SNAP.
    multiplanarPadPixels: 4,
    viewModeHotKey: "",
    clipPlaneHotKey: "",
    cycleClipPlaneHotKey: "",
    loadingText: "",
    interactive: false,
  } as never);
  await nv.attachToCanvas(canvas);
  performance.measure("attach", "attach");
  const inner = nv as unknown as Inner;
  nv.setMultiplanarLayout(2); // A grid of two by two.
  inner.opts.multiplanarShowRender = isSoftware(nv.gl) ? 0 : 1;
  let grid: DisplayGrid = displayGrid([1, 1, 1], [1, 2, 3]);
  let labelsShown: Uint8Array = new Uint8Array();
  let frame = 0;
  let textureMilliseconds = 0;
  let windowTimer: ReturnType<typeof setTimeout> | undefined;

  const ratio = () => inner.uiData.dpr ?? devicePixelRatio;
  const drawNow = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    if (nv.volumes.length > 0) nv.drawScene();
    viewer.onFrame();
  };
  const redraw = () => {
    if (frame === 0) frame = requestAnimationFrame(drawNow);
  };
  const upload = (origin: RasVoxel, size: RasVoxel, data: Uint8Array) => {
    const { gl } = nv;
    gl.activeTexture(gl.TEXTURE0 + drawTextureUnit);
    gl.bindTexture(gl.TEXTURE_3D, inner.drawTexture);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texSubImage3D(gl.TEXTURE_3D, 0, ...origin, ...size, gl.RED, gl.UNSIGNED_BYTE, data);
  };
  /** A part of the mask as it is in memory to the graphics card. */
  const uploadShown = (low: RasVoxel, high: RasVoxel) => {
    const size = high.map((value, d) => value - low[d]!) as unknown as RasVoxel;
    const data = new Uint8Array(size[0] * size[1] * size[2]);
    let to = 0;
    for (let s = low[2]; s < high[2]; s++) {
      for (let r = low[1]; r < high[1]; r++, to += size[0]) {
        const from = (s * grid.size[1] + r) * grid.size[0];
        data.set(labelsShown.subarray(from + low[0], from + high[0]), to);
      }
    }
    upload(low, size, data);
  };
  const tileOf = (plane: Plane) => inner.screenSlices.findIndex(({ axCorSag }) => planes[axCorSag] === plane);

  const viewer: Viewer = {
    isSoftware: isSoftware(nv.gl),
    get grid() {
      return grid;
    },
    async load(bytes, shape, { low, high }) {
      performance.mark("load");
      for (const volume of [...nv.volumes]) nv.removeVolume(volume);
      await nv.loadFromArrayBuffer(bytes, "image.nii");
      const volume = nv.volumes[0]!;
      grid = displayGrid(shape, [...(volume.permRAS as ArrayLike<number> as number[])]);
      if (grid.size.some((size, d) => size !== volume.dimsRAS![d + 1])) {
        throw new Error(`image: expected ${grid.size.join(" x ")} voxels, got ${volume.dimsRAS!.slice(1).join(" x ")}`);
      }
      volume.cal_min = low;
      volume.cal_max = high;
      nv.updateGLVolume();
      nv.createEmptyDrawing();
      labelsShown = inner.drawBitmap!;
      nv.setDrawingEnabled(false);
      inner.drawBitmap = labelsShown;
      viewer.resetView();
      viewer.moveCrosshair([shape[0] >> 1, shape[1] >> 1, shape[2] >> 1]);
      performance.measure("load", "load");
    },
    setWindow(low, high) {
      const volume = nv.volumes[0];
      if (volume === undefined) return;
      volume.cal_min = low;
      volume.cal_max = high;
      // The whole volume goes to the graphics card again: not for every step of a slider.
      clearTimeout(windowTimer);
      windowTimer = setTimeout(() => {
        nv.updateGLVolume();
        viewer.onFrame();
      }, 40);
    },
    setLayout(layout) {
      inner.opts.multiplanarShowRender = layout === "planes" ? 0 : 1;
      nv.setSliceType(sliceTypes[layout]);
      redraw();
    },
    tiles() {
      return inner.screenSlices.flatMap((slice) => {
        const plane = planes[slice.axCorSag];
        const [left, top, width, height] = rectangleOf(slice).map((value) => value / ratio()) as Rectangle;
        return plane === undefined ? [] : [{ plane, left, top, width, height }];
      });
    },
    pick(x, y) {
      const [left, top] = [x * ratio(), y * ratio()];
      const tile = inner.screenSlices.find((slice) => {
        const [l, t, w, h] = rectangleOf(slice);
        return left >= l && left < l + w && top >= t && top < t + h;
      });
      const plane = tile && planes[tile.axCorSag];
      if (plane === undefined || plane === "render") return undefined;
      const frac = inner.canvasPos2frac([left, top]);
      if ([0, 1, 2].some((d) => !(frac[d]! >= 0 && frac[d]! <= 1))) return undefined;
      const vox = Array.from(inner.frac2vox(frac), (value, d) => Math.min(Math.max(value, 0), grid.size[d]! - 1));
      return { plane, voxel: toStored(grid, vox as unknown as RasVoxel) };
    },
    placeOf(plane, zyx) {
      const tile = tileOf(plane);
      if (tile < 0) return undefined;
      const [l, t, w, h] = rectangleOf(inner.screenSlices[tile]!);
      const [across, upward] = axesOf[plane];
      const ras = toRas(grid, zyx as unknown as Zyx);
      // The map is linear in a plane, so two places inside say where everything lies.
      const a = inner.screenXY2TextureFrac(l + w / 4, t + h / 4, tile, false);
      const b = inner.screenXY2TextureFrac(l + (3 * w) / 4, t + (3 * h) / 4, tile, false);
      const along = (axis: 0 | 1 | 2) =>
        0.25 + (0.5 * ((ras[axis] + 0.5) / grid.size[axis] - a[axis]!)) / (b[axis]! - a[axis]!);
      return [(l + w * along(across)) / ratio(), (t + h * along(upward)) / ratio()];
    },
    crosshair() {
      const vox = Array.from(inner.frac2vox(inner.scene.crosshairPos), (v, d) =>
        Math.min(Math.max(v, 0), grid.size[d]! - 1),
      );
      return toStored(grid, vox as unknown as RasVoxel);
    },
    moveCrosshair(voxel) {
      const inside = voxel.map((value, axis) => Math.min(Math.max(value, 0), grid.shape[axis]! - 1)) as unknown as Zyx;
      nv.scene.crosshairPos = inner.vox2frac([...toRas(grid, inside)]);
      redraw();
    },
    valueAt(voxel) {
      return nv.volumes[0]?.getValue(...(toRas(grid, voxel) as [number, number, number])) ?? Number.NaN;
    },
    normalOf(plane) {
      const signed = grid.perm[axesOf[plane][2]];
      return { axis: (3 - Math.abs(signed)) as 0 | 1 | 2, sign: signed < 0 ? -1 : 1 };
    },
    lettersOf(plane) {
      const [across, upward] = axesOf[plane];
      const [low, high] = [
        ["L", "P", "I"],
        ["R", "A", "S"],
      ] as const;
      const [left, right] = isMirrored(across) ? [high[across], low[across]] : [low[across], high[across]];
      return [left, right, high[upward], low[upward]];
    },
    stepOf(plane, right, up) {
      const step = [0, 0, 0];
      const [across, upward] = axesOf[plane];
      for (const [d, value] of [
        [across, isMirrored(across) ? -right : right],
        [upward, up],
      ] as const) {
        step[3 - Math.abs(grid.perm[d])]! += Math.sign(grid.perm[d]) * value;
      }
      return step as unknown as Zyx;
    },
    setLabels(labels) {
      const { data } = blockToRas(grid, [0, 0, 0], grid.shape, labels);
      labelsShown.set(data);
      upload([0, 0, 0], grid.size, labelsShown);
      redraw();
    },
    get textureMilliseconds() {
      return textureMilliseconds;
    },
    setBlock(min, max, labels) {
      const start = performance.now();
      const { origin, size, data } = blockToRas(grid, min, max, labels);
      let from = 0;
      for (let s = 0; s < size[2]; s++) {
        for (let r = 0; r < size[1]; r++, from += size[0]) {
          const to = ((origin[2] + s) * grid.size[1] + origin[1] + r) * grid.size[0] + origin[0];
          labelsShown.set(data.subarray(from, from + size[0]), to);
        }
      }
      upload(origin, size, data);
      textureMilliseconds = performance.now() - start;
    },
    paint(indices, label, only) {
      const [, height, width] = grid.shape;
      const [low, high] = [[...grid.size], [0, 0, 0]];
      for (const index of indices) {
        const row = Math.floor(index / width);
        const ras = toRas(grid, [Math.floor(row / height), row % height, index % width]);
        const at = (ras[2] * grid.size[1] + ras[1]) * grid.size[0] + ras[0];
        if (only !== undefined && labelsShown[at] !== only) continue;
        labelsShown[at] = label;
        for (const d of [0, 1, 2] as const) {
          low[d] = Math.min(low[d]!, ras[d]);
          high[d] = Math.max(high[d]!, ras[d] + 1);
        }
      }
      if (low[0]! < high[0]!) uploadShown(low as unknown as RasVoxel, high as unknown as RasVoxel);
      redraw();
    },
    setColours(colours) {
      const lut = new Uint8ClampedArray(1024);
      for (const [label, { colour, isVisible }] of colours) {
        for (const i of [0, 1, 2]) lut[4 * label + i] = Number.parseInt(colour.slice(1 + 2 * i, 3 + 2 * i), 16);
        lut[4 * label + 3] = isVisible ? 255 : 0;
      }
      inner.drawLut = { lut, labels: Array.from({ length: 256 }, (_, i) => String(i)) };
      if (nv.volumes.length > 0) inner.refreshColormaps();
      redraw();
    },
    setOpacity(opacity) {
      inner.drawOpacity = opacity;
      redraw();
    },
    rotate(right, up) {
      nv.setRenderAzimuthElevation(
        inner.scene.renderAzimuth + right,
        Math.min(90, Math.max(-90, inner.scene.renderElevation + up)),
      );
      viewer.onFrame();
    },
    zoom(plane, factor) {
      if (plane === "render") {
        inner.scene.volScaleMultiplier = Math.min(4, Math.max(0.3, inner.scene.volScaleMultiplier * factor));
      } else {
        const [x, y, z, zoom] = Array.from(inner.scene.pan2Dxyzmm) as [number, number, number, number];
        nv.setPan2Dxyzmm([x, y, z, Math.min(16, Math.max(1, zoom * factor))] as never);
      }
      redraw();
    },
    pan(plane, right, up) {
      const tile = viewer.tiles().find((candidate) => candidate.plane === plane);
      const pan = Array.from(inner.scene.pan2Dxyzmm) as number[];
      if (tile === undefined) return;
      const [across, upward] = axesOf[plane];
      const pixDims = nv.volumes[0]!.pixDimsRAS!;
      const mm = (axis: 0 | 1 | 2) => grid.size[axis] * pixDims[axis + 1]!;
      pan[across]! += ((isMirrored(across) ? -right : right) / tile.width) * (mm(across) / pan[3]!);
      pan[upward]! += (up / tile.height) * (mm(upward) / pan[3]!);
      nv.setPan2Dxyzmm(pan as never);
      redraw();
    },
    resetView() {
      nv.setPan2Dxyzmm([0, 0, 0, 1] as never);
      inner.scene.volScaleMultiplier = 1;
      redraw();
    },
    onFrame: () => undefined,
    drawNow,
    drawn() {
      const { gl } = nv;
      const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0)!;
      gl.flush();
      return new Promise((resolve) => {
        const ask = () => {
          if (gl.clientWaitSync(fence, 0, 0) === gl.TIMEOUT_EXPIRED) return void setTimeout(ask);
          gl.deleteSync(fence);
          resolve();
        };
        ask();
      });
    },
    redraw,
  };
  new ResizeObserver(redraw).observe(canvas.parentElement!);
  return viewer;
}
