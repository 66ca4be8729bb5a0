import { blockToRas, type RasVoxel, toRas, type Zyx } from "../../../src/displayGrid.ts";
import type { MaskLayer } from "../viewer.ts";
import type { Shown } from "./inner.ts";

const drawTextureUnit = 7;

/** The label map as NiiVue's drawing: changed parts go to its texture alone. */
export function maskTexture(shown: Shown): MaskLayer & { begin(): void } {
  const { nv, inner, redraw } = shown;
  /** In RAS order, as in the texture. */
  let labelsShown: Uint8Array = new Uint8Array();
  let textureMilliseconds = 0;
  let coloursShown = "";

  function upload(origin: RasVoxel, size: RasVoxel, data: Uint8Array): void {
    const { gl } = nv;
    gl.activeTexture(gl.TEXTURE0 + drawTextureUnit);
    gl.bindTexture(gl.TEXTURE_3D, inner.drawTexture);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texSubImage3D(gl.TEXTURE_3D, 0, ...origin, ...size, gl.RED, gl.UNSIGNED_BYTE, data);
  }

  /** A part of the mask as it is in memory to the graphics card. */
  function uploadShown(low: RasVoxel, high: RasVoxel): void {
    const { grid } = shown;
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
  }

  return {
    /** An empty mask for the image that was loaded. */
    begin() {
      nv.createEmptyDrawing();
      labelsShown = inner.drawBitmap!;
      nv.setDrawingEnabled(false);
      inner.drawBitmap = labelsShown;
    },
    setLabels(labels) {
      const { grid } = shown;
      const { data } = blockToRas(grid, [0, 0, 0], grid.shape, labels);
      labelsShown.set(data);
      upload([0, 0, 0], grid.size, labelsShown);
      redraw();
    },
    get textureMilliseconds() {
      return textureMilliseconds;
    },
    setBlock(min, max, labels) {
      const { grid } = shown;
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
      redraw({ min, max });
      textureMilliseconds = performance.now() - start;
    },
    paint(indices, label, only) {
      const { grid } = shown;
      const [, height, width] = grid.shape;
      const [low, high] = [[...grid.size], [0, 0, 0]];
      const [min, max] = [[...grid.shape], [0, 0, 0]];
      for (const index of indices) {
        const row = Math.floor(index / width);
        const zyx: Zyx = [Math.floor(row / height), row % height, index % width];
        const ras = toRas(grid, zyx);
        const at = (ras[2] * grid.size[1] + ras[1]) * grid.size[0] + ras[0];
        if (only !== undefined && labelsShown[at] !== only) continue;
        labelsShown[at] = label;
        for (const d of [0, 1, 2] as const) {
          low[d] = Math.min(low[d]!, ras[d]);
          high[d] = Math.max(high[d]!, ras[d] + 1);
          min[d] = Math.min(min[d]!, zyx[d]);
          max[d] = Math.max(max[d]!, zyx[d] + 1);
        }
      }
      if (low[0]! >= high[0]!) return;
      uploadShown(low as unknown as RasVoxel, high as unknown as RasVoxel);
      redraw({ min: min as unknown as Zyx, max: max as unknown as Zyx });
    },
    setColours(colours) {
      const wanted = JSON.stringify([...colours]);
      if (wanted === coloursShown) return;
      coloursShown = wanted;
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
  };
}
