import { type Affine, columns } from "./affine.ts";

/** The direction of the body that an axis of a grid is nearest to. */
export interface NearestAxis {
  /** 0 for right-left, 1 for anterior-posterior, 2 for superior-inferior. */
  readonly world: 0 | 1 | 2;
  /** Whether the index grows towards right, anterior or superior. */
  readonly isPositive: boolean;
}

/** Sums of cosines this near to each other count as equal: float32 headers do not tell them apart. */
const tie = 1e-4;
/** An axis at right angles to a direction cannot stand for it, since it would have no sign. */
const leastCosine = 1e-6;

/**
 * For the axes x, y and z of a grid the directions of the body they are nearest to, each direction once: the assignment
 * with the largest sum of cosines. Where several are equal (a grid turned by 45 degrees), the one whose axis to the
 * left points most to the left, then most to the back, then most up; if that is equal too, the same of its axis to the
 * back, then up. The choice is about lines in space, so it is the same in whatever order and sense a file stores them.
 */
export function nearestAxes(affine: Affine): readonly [x: NearestAxis, y: NearestAxis, z: NearestAxis] {
  const cosines = columns(affine).map((column) => column.map((value) => value / (Math.hypot(...column) || 1)));
  const near = (order: Order, axis: number): number => Math.abs(cosines[axis]![order[axis]!]!);
  const sum = (order: Order): number => near(order, 0) + near(order, 1) + near(order, 2);
  const signed = orders.filter((order) => [0, 1, 2].every((axis) => near(order, axis) > leastCosine));
  const possible = signed.length > 0 ? signed : orders;
  const best = Math.max(...possible.map(sum));
  const chosen = possible
    .filter((order) => sum(order) > best - tie)
    .reduce((found, order) => (comesFirst(leanings(cosines, order), leanings(cosines, found)) ? order : found));
  const [x, y, z] = chosen.map((world, axis) => ({ world, isPositive: cosines[axis]![world]! >= 0 }));
  return [x!, y!, z!];
}

type Order = (typeof orders)[number];

const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

/** The axes taken for left, posterior and superior, each as its share of left, posterior and superior: nine numbers. */
function leanings(cosines: readonly (readonly number[])[], order: Order): number[] {
  return [0, 1, 2].flatMap((world) => {
    const [right, anterior, superior] = cosines[order.indexOf(world as 0 | 1 | 2)]! as [number, number, number];
    const lps = [-right, -anterior, superior];
    return lps[world]! < 0 ? lps.map((value) => -value) : lps;
  });
}

function comesFirst(a: readonly number[], b: readonly number[]): boolean {
  const differing = a.findIndex((value, i) => Math.abs(value - b[i]!) > tie);
  return differing >= 0 && a[differing]! > b[differing]!;
}
