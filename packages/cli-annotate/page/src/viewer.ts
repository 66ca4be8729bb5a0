import type { DisplayGrid, Zyx } from "../../src/displayGrid.ts";

export type Plane = "axial" | "coronal" | "sagittal";
export type Layout = Plane | "all" | "planes" | "render";

/** A plane on the screen, in CSS pixels. */
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

/** What the planes on the screen show of the stored grid, and how. */
export interface Planes {
  tiles(): Tile[];
  /** The voxel under a place on the canvas; `undefined` outside of the image or on the 3-D view. */
  pick(x: number, y: number): Picked | undefined;
  /** Where a place of the stored grid (voxel centres are whole) lies in a plane, whatever its slice. */
  placeOf(plane: Plane, zyx: readonly number[]): readonly [x: number, y: number] | undefined;
  /** The stored axis across a plane, and the sense in which the slice numbers of the screen grow. */
  normalOf(plane: Plane): { readonly axis: 0 | 1 | 2; readonly sign: 1 | -1 };
  /** Letters of where the screen's left, right, top and bottom are. */
  lettersOf(plane: Plane): readonly [left: string, right: string, top: string, bottom: string];
  /** A step on the screen (right, up) as a step of the stored grid. */
  stepOf(plane: Plane, right: number, up: number): Zyx;
}

/** The label map over the picture. */
export interface MaskLayer {
  setLabels(labels: Uint8Array): void;
  /** How long the last block took to reach the texture. */
  readonly textureMilliseconds: number;
  setBlock(min: Zyx, max: Zyx, labels: Uint8Array): void;
  /** Shows single voxels (stored flat indices) until the server says otherwise; `only` spares other labels. */
  paint(indices: readonly number[], label: number, only?: number): void;
  setColours(colours: ReadonlyMap<number, { readonly colour: string; readonly isVisible: boolean }>): void;
  setOpacity(opacity: number): void;
}

/** From where the picture is seen. */
export interface Camera {
  rotate(right: number, up: number): void;
  zoom(plane: Plane | "render", factor: number): void;
  pan(plane: Plane, right: number, up: number): void;
  resetView(): void;
}

/** An image on the screen. Voxels are those of the stored grid and lengths are CSS pixels. */
export interface Viewer extends Planes, MaskLayer, Camera {
  /** The processor draws: there is no graphics card, so what is not looked at should not be drawn. */
  readonly isSoftware: boolean;
  readonly grid: DisplayGrid;
  /**
   * Shows another image (bytes of a NIfTI-1 file) with an empty mask.
   *
   * @param shape  the one it must have; without it, a coarse picture has its own
   */
  load(bytes: ArrayBuffer, shape: Zyx | undefined, window: { low: number; high: number }): Promise<void>;
  setWindow(low: number, high: number): void;
  setLayout(layout: Layout): void;
  crosshair(): Zyx;
  moveCrosshair(voxel: Zyx): void;
  valueAt(voxel: Zyx): number;
  /** Called after each frame. */
  onFrame: () => void;
  drawNow(): void;
  /** Resolves when all that was drawn is in the picture. */
  drawn(): Promise<void>;
  redraw(): void;
}
