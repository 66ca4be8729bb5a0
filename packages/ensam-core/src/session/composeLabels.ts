import {
  type AxisTurn,
  type Box,
  boxShape,
  intersectBoxes,
  inverseTurn,
  turnBox,
  turnZyx,
  uniteBoxes,
  voxelCount,
  type Zyx,
} from "../geometry/index.ts";
import { type Grid, turnGrid } from "../voxels/index.ts";
import { paintFlatRuns } from "./flatRuns.ts";
import type { ObjectState, SessionState } from "./state.ts";

/** Where two states can differ in their label maps, stored grid; `undefined`: nowhere. */
export function differingBox(a: SessionState, b: SessionState, turn: AxisTurn, shape: Zyx): Box | undefined {
  const boxes: (Box | undefined)[] = [];
  for (const label of new Set([...a.objects, ...b.objects].map((object) => object.label))) {
    const [before, after] = [a, b].map(({ objects }) => objects.find((object) => object.label === label));
    if (before?.answer === after?.answer && before?.start === after?.start) continue;
    boxes.push(before && reachOf(before, turn, shape), after && reachOf(after, turn, shape));
  }
  const kept = a.strokes.findIndex((stroke, i) => stroke !== b.strokes[i]);
  const same = kept < 0 ? a.strokes.length : kept;
  for (const stroke of [...a.strokes.slice(same), ...b.strokes.slice(same)]) boxes.push(stroke.box);
  return boxes.reduce(
    (sum, box) => (sum === undefined || box === undefined ? (sum ?? box) : uniteBoxes(sum, box)),
    undefined,
  );
}

/**
 * Writes the label map of a state into `labels`, inside `region` only. From below: loaded masks; the models' answers,
 * where each voxel goes to the object with the largest logit above 0 (ENSAM §2.6); the strokes in their order.
 */
export function composeLabels(
  { objects, strokes }: SessionState,
  labels: Grid<Uint8Array>,
  region: Box,
  turn: AxisTurn,
): void {
  clear(labels, region);
  for (const { label, start, answer } of objects) {
    if (start !== undefined && answer === undefined) paintFlatRuns(start.runs, labels, region, label);
  }
  const answers = turnGrid(answersOn(objects, turnBox(turn, labels.shape, region)), inverseTurn(turn));
  paste(answers, labels, region);
  for (const { label, adds, runs, box } of strokes) {
    if (intersectBoxes(box, region) === undefined) continue;
    if (adds) paintFlatRuns(runs, labels, region, label);
    else paintFlatRuns(runs, labels, region, 0, label);
  }
}

/** The winning labels in a region of the turned grid, 0 where no logit is above 0. */
function answersOn(objects: readonly ObjectState[], { min, max }: Box): Grid<Uint8Array> {
  const shape = boxShape({ min, max });
  const data = new Uint8Array(voxelCount(shape));
  const [best, values] = [new Float64Array(shape[2]), new Float64Array(shape[2])];
  const sources = objects.flatMap(({ label, answer }) => {
    const box = answer?.rows.positive === undefined ? undefined : intersectBoxes(answer.rows.positive, { min, max });
    return box === undefined ? [] : [{ label, box, rows: answer!.rows }];
  });
  for (let z = min[0]; z < max[0]; z++) {
    for (let y = min[1]; y < max[1]; y++) {
      best.fill(0);
      const row = ((z - min[0]) * shape[1] + y - min[1]) * shape[2];
      for (const { label, box, rows } of sources) {
        if (z < box.min[0] || z >= box.max[0] || y < box.min[1] || y >= box.max[1]) continue;
        const [from, to] = [box.min[2], box.max[2]];
        rows.read(z, y, from, to, values);
        for (let x = from; x < to; x++) {
          const value = values[x - from]!;
          if (value <= best[x - min[2]]!) continue;
          best[x - min[2]] = value;
          data[row + x - min[2]] = label;
        }
      }
    }
  }
  return { data, shape };
}

/** Where an object's own mask can have voxels, stored grid. */
function reachOf({ answer, start }: ObjectState, turn: AxisTurn, shape: Zyx): Box | undefined {
  if (answer === undefined) return start?.box;
  const { positive } = answer.rows;
  return positive && turnBox(inverseTurn(turn), turnZyx(turn, shape), positive);
}

function clear({ data, shape }: Grid<Uint8Array>, { min, max }: Box): void {
  for (let z = min[0]; z < max[0]; z++) {
    for (let y = min[1]; y < max[1]; y++) {
      const row = (z * shape[1] + y) * shape[2];
      data.fill(0, row + min[2], row + max[2]);
    }
  }
}

/** Puts what is not 0 over what is there. */
function paste(block: Grid<Uint8Array>, { data, shape }: Grid<Uint8Array>, { min }: Box): void {
  const [depth, height, width] = block.shape;
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      const from = (z * height + y) * width;
      const to = ((min[0] + z) * shape[1] + min[1] + y) * shape[2] + min[2];
      for (let x = 0; x < width; x++) if (block.data[from + x] !== 0) data[to + x] = block.data[from + x]!;
    }
  }
}
