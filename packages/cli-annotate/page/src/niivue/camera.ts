import type { Camera, Planes } from "../viewer.ts";
import { axesOf, isMirrored, type Shown } from "./inner.ts";

/** From where NiiVue shows its image. */
export function cameraOf({ nv, inner, redraw }: Shown, { tiles }: Planes): Camera {
  return {
    rotate(right, up) {
      inner.scene.renderAzimuth += right;
      inner.scene.renderElevation = Math.min(90, Math.max(-90, inner.scene.renderElevation + up));
      redraw();
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
      const tile = tiles().find((candidate) => candidate.plane === plane);
      const pan = Array.from(inner.scene.pan2Dxyzmm) as number[];
      if (tile === undefined) return;
      const [across, upward] = axesOf[plane];
      const { pixDimsRAS, dimsRAS } = nv.volumes[0]!;
      const mm = (axis: 0 | 1 | 2) => dimsRAS![axis + 1]! * pixDimsRAS![axis + 1]!;
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
  };
}
