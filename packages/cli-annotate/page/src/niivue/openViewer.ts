import { Niivue, SLICE_TYPE } from "@niivue/niivue";
import { displayGrid, toRas, type Zyx } from "../../../src/displayGrid.ts";
import type { Layout, Viewer } from "../viewer.ts";
import { cameraOf } from "./camera.ts";
import type { Change } from "./change.ts";
import { type Frames, openFrames } from "./frames.ts";
import { type Inner, type Shown, storedVoxel } from "./inner.ts";
import { maskTexture } from "./maskTexture.ts";
import { screenPlanes } from "./screenPlanes.ts";

const sliceTypes: Readonly<Record<Layout, SLICE_TYPE>> = {
  axial: SLICE_TYPE.AXIAL,
  coronal: SLICE_TYPE.CORONAL,
  sagittal: SLICE_TYPE.SAGITTAL,
  all: SLICE_TYPE.MULTIPLANAR,
  planes: SLICE_TYPE.MULTIPLANAR,
  render: SLICE_TYPE.RENDER,
};
/** A volume goes to the graphics card again with another window: not for every step of a slider. */
const windowMilliseconds = 40;

function isSoftware(gl: WebGL2RenderingContext): boolean {
  const names = gl.getExtension("WEBGL_debug_renderer_info");
  return (
    names !== null && /swiftshader|llvmpipe|software/i.test(String(gl.getParameter(names.UNMASKED_RENDERER_WEBGL)))
  );
}

async function attach(canvas: HTMLCanvasElement): Promise<Niivue> {
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
  // NiiVue takes the context that is there. A frame may draw a part of the picture: the rest has to stay.
  canvas.getContext("webgl2", { alpha: true, antialias: false, preserveDrawingBuffer: true });
  await nv.attachToCanvas(canvas);
  performance.measure("attach", "attach");
  nv.setMultiplanarLayout(2); // A grid of two by two.
  return nv;
}

/** Opens NiiVue on a canvas; only this folder knows it. Mouse and keys stay with the page: the canvas gets none of them. */
export async function openViewer(canvas: HTMLCanvasElement): Promise<Viewer> {
  const nv = await attach(canvas);
  const inner = nv as unknown as Inner;
  inner.opts.multiplanarShowRender = isSoftware(nv.gl) ? 0 : 1;
  let windowTimer: ReturnType<typeof setTimeout> | undefined;
  let frames: Frames | undefined;

  const redraw = (change: Change = "all") => frames?.request(change);
  const shown: Shown = { nv, inner, grid: displayGrid([1, 1, 1], [1, 2, 3]), redraw };
  const planes = screenPlanes(shown);
  const mask = maskTexture(shown);
  const camera = cameraOf(shown, planes);

  const viewer: Viewer = {
    ...planes,
    ...camera,
    setLabels: mask.setLabels,
    setBlock: mask.setBlock,
    paint: mask.paint,
    setColours: mask.setColours,
    setOpacity: mask.setOpacity,
    get textureMilliseconds() {
      return mask.textureMilliseconds;
    },
    isSoftware: isSoftware(nv.gl),
    get grid() {
      return shown.grid;
    },
    async load(bytes, wanted, { low, high }) {
      performance.mark("load");
      for (const volume of [...nv.volumes]) nv.removeVolume(volume);
      await nv.loadFromArrayBuffer(bytes, "image.nii");
      const volume = nv.volumes[0]!;
      const [, width, height, depth] = volume.hdr!.dims as [number, number, number, number];
      const shape = wanted ?? [depth, height, width];
      const grid = displayGrid(shape, [...(volume.permRAS as ArrayLike<number> as number[])]);
      if (grid.size.some((size, d) => size !== volume.dimsRAS![d + 1])) {
        throw new Error(`image: expected ${grid.size.join(" x ")} voxels, got ${volume.dimsRAS!.slice(1).join(" x ")}`);
      }
      shown.grid = grid;
      volume.cal_min = low;
      volume.cal_max = high;
      nv.updateGLVolume();
      mask.begin();
      viewer.resetView();
      redraw();
      viewer.moveCrosshair([shape[0] >> 1, shape[1] >> 1, shape[2] >> 1]);
      performance.measure("load", "load");
    },
    setWindow(low, high) {
      const volume = nv.volumes[0];
      if (volume === undefined) return;
      volume.cal_min = low;
      volume.cal_max = high;
      clearTimeout(windowTimer);
      windowTimer = setTimeout(() => {
        nv.updateGLVolume();
        viewer.onFrame();
      }, windowMilliseconds);
    },
    setLayout(layout) {
      inner.opts.multiplanarShowRender = layout === "planes" ? 0 : 1;
      nv.setSliceType(sliceTypes[layout]);
      redraw();
    },
    crosshair: () => storedVoxel(shown, inner.frac2vox(inner.scene.crosshairPos)),
    moveCrosshair(voxel) {
      const { grid } = shown;
      const inside = voxel.map((value, axis) => Math.min(Math.max(value, 0), grid.shape[axis]! - 1)) as unknown as Zyx;
      const place = inner.vox2frac([...toRas(grid, inside)]) as ArrayLike<number>;
      if ([0, 1, 2].every((d) => place[d] === inner.scene.crosshairPos[d])) return;
      nv.scene.crosshairPos = place as never;
      redraw("slices");
    },
    valueAt(voxel) {
      return nv.volumes[0]?.getValue(...(toRas(shown.grid, voxel) as [number, number, number])) ?? Number.NaN;
    },
    onFrame: () => undefined,
    drawNow: () => frames!.now(),
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
    redraw: () => redraw(),
  };
  frames = openFrames(shown, planes, viewer.crosshair, () => viewer.onFrame());
  new ResizeObserver(() => redraw()).observe(canvas.parentElement!);
  return viewer;
}
