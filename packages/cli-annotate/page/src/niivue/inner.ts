import type { Niivue } from "@niivue/niivue";
import { type DisplayGrid, type RasVoxel, toStored, type Zyx } from "../../../src/displayGrid.ts";
import type { Tile } from "../viewer.ts";
import type { Change } from "./change.ts";

/** What is used of NiiVue beyond its public types. */
export interface Inner {
  drawBitmap: Uint8Array | null;
  drawTexture: WebGLTexture | null;
  drawLut: { lut: Uint8ClampedArray; labels: string[] };
  drawOpacity: number;
  screenSlices: readonly { leftTopWidthHeight: readonly number[]; axCorSag: number }[];
  clearBounds(...given: unknown[]): void;
  draw2D(leftTopWidthHeight: readonly number[], axCorSag: number, ...given: unknown[]): void;
  draw3D(...given: unknown[]): unknown;
  /** A frame without waiting until it is there, as `drawScene` does. */
  drawSceneCore(): unknown;
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

/** NiiVue with the image that it shows now. */
export interface Shown {
  readonly nv: Niivue;
  readonly inner: Inner;
  grid: DisplayGrid;
  readonly redraw: (change?: Change) => void;
}

/** The voxel of the shown grid that is nearest to a place in RAS voxels. */
export function storedVoxel({ grid }: Shown, vox: ArrayLike<number>): Zyx {
  const inside = Array.from(vox, (value, d) => Math.min(Math.max(value, 0), grid.size[d]! - 1));
  return toStored(grid, inside as unknown as RasVoxel);
}

/** NiiVue's numbers of its planes. */
export const planes: Readonly<Record<number, Tile["plane"]>> = { 0: "axial", 1: "coronal", 2: "sagittal", 4: "render" };

/** RAS axes along the screen's right and up, and across. */
export const axesOf = {
  axial: [0, 1, 2],
  coronal: [0, 2, 1],
  sagittal: [1, 2, 0],
} as const;

/** Whether the screen's right is the low end of an axis: the radiologists' convention mirrors left and right. */
export function isMirrored(axis: 0 | 1 | 2): boolean {
  return axis === 0;
}
