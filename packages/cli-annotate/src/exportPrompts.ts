import { type Affine, type Box, columns, voxelToWorld, type Zyx } from "@ensam/core/geometry";
import type { ObjectReport } from "@ensam/core/session";

/**
 * The prompts as the JSON that `ensam-segment --prompts` takes; objects that it would refuse (without box and click
 * inside) are left out.
 */
export function promptsJson(objects: readonly ObjectReport[]): unknown {
  const names = new Set<string>();
  return {
    space: "voxel",
    objects: objects.flatMap(({ label, name, prompts }) => {
      const clicks = prompts.filter((prompt) => prompt.kind === "click");
      const box = prompts.find((prompt) => prompt.kind === "box")?.box;
      if (box === undefined && !clicks.some((click) => click.foreground)) return [];
      // A name is text that is no number, and each has its own.
      const isName = /\p{L}/u.test(name) && !names.has(name);
      names.add(name);
      return {
        label,
        ...(isName && { name }),
        ...(box && { box: [box.min, lastVoxel(box)] }),
        clicks: clicks.map(({ at, foreground }) => ({ at, kind: foreground ? "fg" : "bg" })),
      };
    }),
  };
}

const schema =
  "https://raw.githubusercontent.com/slicer/slicer/master/Modules/Loadable/Markups/Resources/Schema/markups-schema-v1.0.3.json#";

/**
 * The prompts as 3D Slicer's markups (.mrk.json): point lists of each object's clicks inside and outside, its box as an
 * ROI; mm, LPS.
 */
export function slicerMarkups(objects: readonly ObjectReport[], affine: Affine): unknown {
  return { "@schema": schema, markups: objects.flatMap((object) => markupsOf(object, affine)) };
}

function markupsOf({ label, name, colour, prompts }: ObjectReport, affine: Affine): unknown[] {
  const common = { coordinateSystem: "LPS", coordinateUnits: "mm", locked: false };
  const display = { visibility: true, color: rgb(colour), selectedColor: rgb(colour) };
  const points = ([true, false] as const).flatMap((isInside) => {
    const clicks = prompts.filter((prompt) => prompt.kind === "click" && prompt.foreground === isInside);
    if (clicks.length === 0) return [];
    const controlPoints = clicks.map((click, i) => ({
      id: String(i + 1),
      label: `${name} ${isInside ? "inside" : "outside"} ${i + 1}`,
      position: lpsOf(affine, (click as { at: Zyx }).at),
      selected: isInside,
      visibility: true,
      positionStatus: "defined",
    }));
    return {
      type: "Fiducial",
      name: `${label} ${name} ${isInside ? "inside" : "outside"}`,
      ...common,
      controlPoints,
      display,
    };
  });
  const rois = prompts.flatMap((prompt) => (prompt.kind === "box" ? roiOf(prompt.box, affine) : []));
  return [
    ...points,
    ...rois.map((roi) => ({
      type: "ROI",
      name: `${label} ${name} box`,
      ...common,
      ...roi,
      controlPoints: [],
      display,
    })),
  ];
}

/** Slicer's ROI has its axes at right angles; a box of a sheared grid comes as near as its axes' directions allow. */
function roiOf({ min, max }: Box, affine: Affine) {
  const middle = ([0, 1, 2] as const).map((axis) => (min[axis]! + max[axis]! - 1) / 2) as unknown as Zyx;
  const steps = columns(affine);
  const lengths = steps.map((step) => Math.hypot(...step));
  const units = steps.map(([r, a, s], i) => [-r! / lengths[i]!, -a! / lengths[i]!, s! / lengths[i]!]);
  return {
    roiType: "Box",
    center: lpsOf(affine, middle),
    orientation: [0, 1, 2].flatMap((row) => units.map((unit) => unit[row]!)),
    size: lengths.map((length, i) => length * (max[2 - i]! - min[2 - i]!)),
    insideOut: false,
  };
}

function lpsOf(affine: Affine, voxel: Zyx): number[] {
  const [right, anterior, superior] = voxelToWorld(affine, voxel);
  return [-right, -anterior, superior].map((value) => Number(value.toFixed(4)) + 0);
}

function rgb(colour: string): number[] {
  return [1, 3, 5].map((start) => Number((Number.parseInt(colour.slice(start, start + 2), 16) / 255).toFixed(4)));
}

function lastVoxel({ max }: Box): Zyx {
  return [max[0] - 1, max[1] - 1, max[2] - 1];
}
