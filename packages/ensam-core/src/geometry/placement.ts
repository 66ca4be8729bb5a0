import { type Affine, spacingOfAffine, voxelToWorld } from "./affine.ts";
import { type AxisTurn, allTurns, turnAffine, turnZyx } from "./axisTurn.ts";
import { sameZyx, type Zyx } from "./zyx.ts";

/** A shape and where it lies. */
export interface PlacedShape {
  readonly shape: Zyx;
  readonly affine: Affine;
}

/** How one grid is turned to lie on another, and how far apart their corners are then. */
export interface TurnOnto {
  readonly turn: AxisTurn;
  /** In voxels of the smallest side. */
  readonly apart: number;
}

/** The turn that brings a grid nearest to another of the same size, or undefined where no turn gives its shape. */
export function turnOnto(from: PlacedShape, onto: PlacedShape): TurnOnto | undefined {
  let best: TurnOnto | undefined;
  for (const turn of allTurns) {
    if (!sameZyx(turnZyx(turn, from.shape), onto.shape)) continue;
    const apart = voxelsApart(onto, turnAffine(turn, from.shape, from.affine));
    if (best === undefined || apart < best.apart) best = { turn, apart };
  }
  return best;
}

/** The largest distance between the same corners of two grids of one shape, in voxels of the first's smallest side. */
function voxelsApart({ shape, affine }: PlacedShape, other: Affine): number {
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map(
    (bits): Zyx => [bits & 4 ? shape[0] - 1 : 0, bits & 2 ? shape[1] - 1 : 0, bits & 1 ? shape[2] - 1 : 0],
  );
  const distances = corners.map((corner) => {
    const [there, here] = [voxelToWorld(affine, corner), voxelToWorld(other, corner)];
    return Math.hypot(there[0] - here[0], there[1] - here[1], there[2] - here[2]);
  });
  return Math.max(...distances) / Math.min(...spacingOfAffine(affine));
}
