import type { Zyx } from "../voxels/index.ts";

/**
 * The area of surface in a 2 x 2 x 2 block of voxels, for each of the 256 ways its voxels can be inside: the marching
 * cubes of Lorensen and Cline (1987) with vertices at edge midpoints, as the surface distance of DeepMind and of the
 * challenge counts it. Bit 128 >> (4 dz + 2 dy + dx) of the code is the voxel at offset (dz, dy, dx) in the block.
 *
 * @param spacing  mm along (z, y, x)
 * @returns        256 areas in mm^2
 */
export function surfaceAreas([sz, sy, sx]: Zyx): Float64Array {
  return Float64Array.from(triangles(), (list) => {
    let area = 0;
    for (const [z, y, x] of list) area += Math.hypot(z * sy * sx, y * sz * sx, x * sz * sy);
    return area;
  });
}

/** A triangle's area vector at unit spacing: normal to it, as long as its area. */
type AreaVector = Zyx;

let table: readonly (readonly AreaVector[])[] | undefined;

function triangles(): readonly (readonly AreaVector[])[] {
  table ??= Array.from({ length: 256 }, (_, code) => trianglesOf(code));
  return table;
}

function trianglesOf(code: number): AreaVector[] {
  // With more than four voxels inside, the surface is that of the voxels outside.
  const inside = bitCount(code) > 4 ? 255 - code : code;
  return loops(inside).flatMap((loop) => largestTriangulation(loop));
}

function bitCount(code: number): number {
  return [...code.toString(2)].filter((bit) => bit === "1").length;
}

/** Corners of the block, numbered 4 dz + 2 dy + dx. */
function corner(index: number): Zyx {
  return [index >> 2, (index >> 1) & 1, index & 1];
}

function isInside(code: number, index: number): boolean {
  return (code & (128 >> index)) !== 0;
}

/** The six faces, each with its corners in turn. */
const faces = [0, 1, 2].flatMap((axis) => {
  const [p, q] = [4, 2, 1].filter((_, other) => other !== axis) as [number, number];
  const step = 4 >> axis;
  return [0, step].map((side) => [side, side + p, side + p + q, side + q] as const);
});

/** The closed lines along which the surface crosses the block's faces, as edge midpoints. */
function loops(code: number): Zyx[][] {
  const neighbours = new Map<string, string[]>();
  const join = (a: string, b: string) => {
    neighbours.set(a, [...(neighbours.get(a) ?? []), b]);
    neighbours.set(b, [...(neighbours.get(b) ?? []), a]);
  };
  for (const face of faces) {
    const crossed = [0, 1, 2, 3].filter((i) => isInside(code, face[i]!) !== isInside(code, face[(i + 1) % 4]!));
    const edge = (i: number) => edgeName(face[i % 4]!, face[(i + 1) % 4]!);
    if (crossed.length === 2) join(edge(crossed[0]!), edge(crossed[1]!));
    if (crossed.length === 4) {
      // Two opposite corners are inside: each is cut off by itself.
      for (const i of [0, 1, 2, 3]) if (isInside(code, face[i]!)) join(edge(i + 3), edge(i));
    }
  }
  const found: Zyx[][] = [];
  const seen = new Set<string>();
  for (const start of neighbours.keys()) {
    const loop: Zyx[] = [];
    for (let corner: string | undefined = start; corner !== undefined && !seen.has(corner); ) {
      seen.add(corner);
      loop.push(midpoint(corner));
      corner = neighbours.get(corner)!.find((next) => !seen.has(next));
    }
    if (loop.length > 0) found.push(loop);
  }
  return found;
}

function edgeName(a: number, b: number): string {
  return `${Math.min(a, b)}${Math.max(a, b)}`;
}

function midpoint(edge: string): Zyx {
  const [a, b] = [corner(Number(edge[0])), corner(Number(edge[1]))];
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2];
}

/** The loop cut into triangles so that their areas, at unit spacing, sum to the most. */
function largestTriangulation(loop: readonly Zyx[]): AreaVector[] {
  if (loop.length < 3) return [];
  const first = loop[0]!;
  const last = loop[loop.length - 1]!;
  let best: AreaVector[] = [];
  let largest = -1;
  for (let middle = 1; middle + 1 < loop.length; middle++) {
    const parts = [
      ...largestTriangulation(loop.slice(0, middle + 1)),
      areaVector(first, loop[middle]!, last),
      ...largestTriangulation(loop.slice(middle)),
    ];
    const area = parts.reduce((sum, vector) => sum + Math.hypot(...vector), 0);
    if (area > largest + 1e-12) {
      largest = area;
      best = parts;
    }
  }
  return best;
}

function areaVector(a: Zyx, b: Zyx, c: Zyx): AreaVector {
  const u = [b[0] - a[0], b[1] - a[1], b[2] - a[2]] as const;
  const v = [c[0] - a[0], c[1] - a[1], c[2] - a[2]] as const;
  return [(u[1] * v[2] - u[2] * v[1]) / 2, (u[2] * v[0] - u[0] * v[2]) / 2, (u[0] * v[1] - u[1] * v[0]) / 2];
}
