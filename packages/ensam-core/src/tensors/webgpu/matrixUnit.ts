/// <reference types="@webgpu/types" />
import type { MatrixUnit } from "./precision.ts";

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
 * The matrix unit to use: products of f16 with sums of f32, whole vectors of 4 on every side, and a subgroup size that is the
 * same for every program. Undefined where there is none.
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

/** Types of the factors and of the sum. */
export function matrixTypes({ rows, columns, depth }: MatrixUnit): { left: string; right: string; result: string } {
  return {
    left: `subgroup_matrix_left<f16, ${depth}, ${rows}>`,
    right: `subgroup_matrix_right<f16, ${columns}, ${depth}>`,
    result: `subgroup_matrix_result<f32, ${columns}, ${rows}>`,
  };
}

/**
 * Statements for each vector of 4 of a sum: they know it as `fragment`, and its place as `fragmentRow` and `fragmentQuad`. They
 * need `subgroup`, `lane` and workgroup memory `fragments`, of f32, for one sum of each subgroup.
 */
export function takeFragment({ rows, columns, subgroupSize }: MatrixUnit, sum: string, statements: string): string {
  const quads = columns / 4;
  return `
      subgroupMatrixStore<row_major>(&fragments, subgroup * ${rows * columns}u, ${sum}, ${columns}u);
      workgroupBarrier();
      for (var e = lane; e < ${rows * quads}u; e += ${subgroupSize}u) {
        let fragmentRow = e / ${quads}u;
        let fragmentQuad = e % ${quads}u;
        let first = subgroup * ${rows * columns}u + e * 4u;
        let fragment = vec4f(fragments[first], fragments[first + 1u], fragments[first + 2u], fragments[first + 3u]);
        ${statements}
      }
      workgroupBarrier();`;
}
