/// <reference types="@webgpu/types" />

import type { MatrixUnit } from "../runtime/convolutionSettings.ts";
import { range } from "../runtime/range.ts";

/** Dawn's feature by which WGSL reaches the matrix units; experimental, so its name may change with Dawn. */
export const matrixFeature = "chromium-experimental-subgroup-matrix";

/** A subgroup is known from the thread's number in the workgroup, which Dawn cannot prove to be uniform. */
export const matrixDirectives: readonly string[] = [
  "enable f16",
  "enable subgroups",
  "enable chromium_experimental_subgroup_matrix",
  "diagnostic(off, chromium.subgroup_matrix_uniformity)",
];

/** What an adapter says of its matrix units, besides the standard. */
interface MatrixInfo {
  readonly subgroupMinSize: number;
  readonly subgroupMaxSize: number;
  readonly subgroupMatrixConfigs?: Iterable<{
    readonly componentType: string;
    readonly resultComponentType: string;
    readonly M: number;
    readonly N: number;
    readonly K: number;
  }>;
}

/**
 * The matrix unit to use: products of f16 with sums of f32, whole vectors of 4 on every side, and a subgroup size that
 * is the same for every program. Undefined where there is none.
 */
export function matrixUnitOf(info: GPUAdapterInfo): MatrixUnit | undefined {
  const { subgroupMinSize, subgroupMaxSize, subgroupMatrixConfigs = [] } = info as unknown as MatrixInfo;
  if (subgroupMinSize !== subgroupMaxSize) return undefined;
  const fitting = [...subgroupMatrixConfigs].filter(
    ({ componentType, resultComponentType, M, N, K }) =>
      componentType === "f16" && resultComponentType === "f32" && [M, N, K].every((n) => n === 8 || n === 16),
  );
  const largest = fitting.toSorted((a, b) => b.M * b.N * b.K - a.M * a.N * a.K)[0];
  if (largest === undefined) return undefined;
  return { rows: largest.M, columns: largest.N, depth: largest.K, subgroupSize: subgroupMaxSize };
}

/** A workgroup's share of a product: its subgroups lie one below the other, each with so many sums along the rows. */
export interface MatrixGroup {
  readonly rows: number;
  readonly columns: number;
  readonly subgroups: number;
  readonly rowFragments: number;
}

/** Sums of one subgroup along the columns at most: more do not fit into its registers. */
const mostColumnFragments = 4;

/** The workgroups for a product with so many columns. */
export function matrixGroup(unit: MatrixUnit, columns: number): MatrixGroup {
  const [subgroups, rowFragments] = [4, 2];
  const fragments = Math.ceil(columns / unit.columns);
  const ownFragments = Math.ceil(fragments / Math.ceil(fragments / mostColumnFragments));
  return { rows: subgroups * rowFragments * unit.rows, columns: ownFragments * unit.columns, subgroups, rowFragments };
}

const sumOf = (i: number, j: number) => `sum${i}_${j}`;

/** Declarations of a subgroup's sums, all zero. */
export function declareSums({ rows, columns }: MatrixUnit, group: MatrixGroup): string {
  return eachSum(group, columns, (i, j) => `var ${sumOf(i, j)}: subgroup_matrix_result<f32, ${columns}, ${rows}>;`);
}

/** Where the factors of a product lie in workgroup memory, at a place along the depth. */
interface Factors {
  /** Of the left factor of the sums `i`: array, layout, first element, elements from one line to the next. */
  readonly left: (
    i: number,
  ) => readonly [array: string, layout: "row_major" | "col_major", first: string, pitch: number];
  /** The array of the right factor, [depth][columns], and the place along the depth. */
  readonly right: readonly [array: string, depth: string];
}

/** Adds the products of all left and right factors to the sums. */
export function multiplyIntoSums({ rows, columns, depth }: MatrixUnit, group: MatrixGroup, factors: Factors): string {
  const [rightArray, place] = factors.right;
  const lefts = range(group.rowFragments).map((i) => {
    const [array, layout, first, pitch] = factors.left(i);
    return `let left${i} = subgroupMatrixLoad<subgroup_matrix_left<f16, ${depth}, ${rows}>, ${layout}>(&${array}, ${first}, ${pitch}u);`;
  });
  const products = range(group.columns / columns).map((j) => {
    const first = `${place} * ${group.columns}u + ${j * columns}u`;
    const sums = range(group.rowFragments).map(
      (i) => `${sumOf(i, j)} = subgroupMatrixMultiplyAccumulate(left${i}, right${j}, ${sumOf(i, j)});`,
    );
    return `let right${j} = subgroupMatrixLoad<subgroup_matrix_right<f16, ${columns}, ${depth}>, row_major>(&${rightArray}, ${first}, ${group.columns}u);
          ${sums.join("\n")}`;
  });
  return [...lefts, ...products].join("\n");
}

/** The same for every sum, by its place among the subgroup's. */
function eachSum(group: MatrixGroup, columns: number, text: (i: number, j: number) => string): string {
  const { rowFragments } = group;
  return range(rowFragments)
    .flatMap((i) => range(group.columns / columns).map((j) => text(i, j)))
    .join("\n");
}

/**
 * Statements for each vector of 4 of every sum, made by the sum's place among the subgroup's: they know the vector as
 * `fragment` and its place in the sum as `fragmentRow` and `fragmentQuad`. They need `subgroup`, `lane` and workgroup
 * memory `fragments`, of f32, for one sum of each subgroup.
 */
export function takeFragments(
  { rows, columns, subgroupSize }: MatrixUnit,
  group: MatrixGroup,
  statements: (i: number, j: number) => string,
): string {
  const quads = columns / 4;
  return eachSum(
    group,
    columns,
    (i, j) => `
      subgroupMatrixStore<row_major>(&fragments, subgroup * ${rows * columns}u, ${sumOf(i, j)}, ${columns}u);
      workgroupBarrier();
      for (var e = lane; e < ${rows * quads}u; e += ${subgroupSize}u) {
        let fragmentRow = e / ${quads}u;
        let fragmentQuad = e % ${quads}u;
        let first = subgroup * ${rows * columns}u + e * 4u;
        let fragment = vec4f(fragments[first], fragments[first + 1u], fragments[first + 2u], fragments[first + 3u]);
        ${statements(i, j)}
      }
      workgroupBarrier();`,
  );
}
