/**
 * One of the three ways to cut a volume, and how its slices are laid on the page. Axes are numbers of array axes (z, y,
 * x).
 */
export interface Plane {
  readonly name: string;
  /** Whether the file states how it lies in the body, and so how large its voxels are. */
  readonly isAnatomical: boolean;
  /** The axis that is cut across. */
  readonly axis: number;
  readonly rowAxis: number;
  readonly columnAxis: number;
  /** Whether rows, or columns, run against their axis on the page. */
  readonly rowsTurned: boolean;
  readonly columnsTurned: boolean;
}

/** What a direction of the body is called in the codes of axes, and its opposite. */
const opposites: Readonly<Record<string, string>> = { L: "R", R: "L", A: "P", P: "A", S: "I", I: "S" };

/**
 * The planes of the body as radiologists look at them: which direction each is cut along, what is down and what to the
 * right.
 */
const anatomical = [
  { name: "axial", across: "S", down: "P", right: "L" },
  { name: "coronal", across: "P", down: "I", right: "L" },
  { name: "sagittal", across: "L", down: "I", right: "P" },
] as const;

/**
 * Returns the three planes of a volume.
 *
 * @param axes where array axes x, y, z run, such as "LPS" (left, posterior, superior); undefined where nobody knows:
 *             then the planes are named after the axis they are cut along, and rows and columns stay in the order of
 *             the file
 */
export function planesOf(axes: string | undefined): readonly Plane[] {
  const directions = axes === undefined ? [] : [...axes].reverse(); // Of z, y, x.
  const axisAlong = (direction: string) =>
    directions.findIndex((found) => found === direction || found === opposites[direction]);
  if (directions.length !== 3 || ["S", "P", "L"].some((direction) => axisAlong(direction) < 0)) return plainPlanes;
  return anatomical.map(({ name, across, down, right }) => {
    const [rowAxis, columnAxis] = [axisAlong(down), axisAlong(right)];
    const turned = (axis: number, direction: string) => directions[axis] !== direction;
    return {
      name,
      isAnatomical: true,
      axis: axisAlong(across),
      rowAxis,
      columnAxis,
      rowsTurned: turned(rowAxis, down),
      columnsTurned: turned(columnAxis, right),
    };
  });
}

const inFileOrder = { isAnatomical: false, rowsTurned: false, columnsTurned: false };
const plainPlanes: readonly Plane[] = [
  { name: "along z", axis: 0, rowAxis: 1, columnAxis: 2, ...inFileOrder },
  { name: "along y", axis: 1, rowAxis: 0, columnAxis: 2, ...inFileOrder },
  { name: "along x", axis: 2, rowAxis: 0, columnAxis: 1, ...inFileOrder },
];
