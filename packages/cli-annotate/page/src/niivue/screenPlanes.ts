import { toRas, type Zyx } from "../../../src/displayGrid.ts";
import type { Plane, Planes } from "../viewer.ts";
import { axesOf, isMirrored, planes, type Shown, storedVoxel } from "./inner.ts";

type Rectangle = [left: number, top: number, width: number, height: number];

/** A tile's place in device pixels; NiiVue gives mirrored ones a negative width. */
function rectangleOf({ leftTopWidthHeight }: { readonly leftTopWidthHeight: readonly number[] }): Rectangle {
  const [left, top, width, height] = leftTopWidthHeight as Rectangle;
  return [Math.min(left, left + width), top, Math.abs(width), height];
}

/** Between places on the screen and voxels of the stored grid. */
export function screenPlanes(shown: Shown): Planes {
  const { inner } = shown;
  const ratio = () => inner.uiData.dpr ?? devicePixelRatio;
  const tileOf = (plane: Plane) => inner.screenSlices.findIndex(({ axCorSag }) => planes[axCorSag] === plane);

  return {
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
      return { plane, voxel: storedVoxel(shown, inner.frac2vox(frac)) };
    },
    placeOf(plane, zyx) {
      const { grid } = shown;
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
    normalOf(plane) {
      const signed = shown.grid.perm[axesOf[plane][2]];
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
      const { perm } = shown.grid;
      const step = [0, 0, 0];
      const [across, upward] = axesOf[plane];
      for (const [d, value] of [
        [across, isMirrored(across) ? -right : right],
        [upward, up],
      ] as const) {
        step[3 - Math.abs(perm[d])]! += Math.sign(perm[d]) * value;
      }
      return step as unknown as Zyx;
    },
  };
}
