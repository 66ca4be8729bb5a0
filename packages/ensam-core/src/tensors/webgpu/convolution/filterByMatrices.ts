import type { MatrixUnit } from "../runtime/convolutionSettings.ts";
import type { Program } from "../runtime/program.ts";
import { range } from "../runtime/range.ts";
import {
  type FilterLayout,
  filterAddresses,
  filterLoads,
  filterParameters,
  filterReads,
  filterStart,
} from "./filterShader.ts";
import { declareSums, matrixDirectives, matrixGroup, multiplyIntoSums, takeFragments } from "./matrixUnit.ts";

/** Voxels that a workgroup takes into its memory at once. */
const chunkVoxels = 32;

/**
 * The filter gradient of slabs of voxels by the GPU's matrix units: f16 numbers, f32 sums. The input's tile lies with
 * voxels along its rows, so the left factor is read from it column by column.
 */
export function filterByMatrices(
  unit: MatrixUnit,
  layout: FilterLayout,
  outputs: number,
): { program: Program; groupRows: number; groupColumns: number; chunk: number } {
  const group = matrixGroup(unit, outputs);
  const { rows, columns, subgroups, rowFragments } = group;
  const threads = subgroups * unit.subgroupSize;
  const keep = (tile: string, index: string, value: string) =>
    `{ let half = vec4h(${value}); ${range(4)
      .map((i) => `${tile}[${index} * 4u + ${i}u] = half[${i}];`)
      .join(" ")} }`;
  const chunk = {
    ...{ threads, voxels: chunkVoxels, rowQuads: rows / 4, columnQuads: columns / 4 },
    keepInput: (index: string, value: string) => keep("tileX", index, value),
    keepGradient: (index: string, value: string) => keep("tileY", index, `${value} * up`),
  };
  const program: Program = {
    key: `filterGradient ${Object.values(unit).join(" ")} ${columns} ${Object.values(layout).join(" ")} matrix`,
    reads: { ...filterReads(layout), scale: "f32" },
    writes: { partials: "vec4f" },
    parameters: filterParameters,
    threads,
    directives: matrixDirectives,
    declarations: `
      var<workgroup> tileX: array<f16, ${chunkVoxels * rows}>;
      var<workgroup> tileY: array<f16, ${chunkVoxels * columns}>;
      var<workgroup> fragments: array<f32, ${subgroups * unit.rows * unit.columns}>;
      ${filterAddresses(layout)}`,
    body: `
      let subgroup = local / ${unit.subgroupSize}u;
      let lane = local % ${unit.subgroupSize}u;
      let up = scale[0];
      let down = scale[1];
      ${filterStart(chunk)}
      ${declareSums(unit, group)}

      for (var first = start; first < end; first += ${chunkVoxels}u) {
        ${filterLoads(chunk)}
        workgroupBarrier();
        for (var v = 0u; v < ${chunkVoxels}u; v += ${unit.depth}u) {
          ${multiplyIntoSums(unit, group, {
            left: (i) => {
              const first = `v * ${rows}u + (subgroup * ${rowFragments}u + ${i}u) * ${unit.rows}u`;
              return ["tileX", "col_major", first, rows];
            },
            right: ["tileY", "v"],
          })}
        }
        workgroupBarrier();
      }

      ${takeFragments(
        unit,
        group,
        (i, j) => `let own = firstRow * 4u + (subgroup * ${rowFragments}u + ${i}u) * ${unit.rows}u + fragmentRow;
        let quad = firstColumn + ${(j * unit.columns) / 4}u + fragmentQuad;
        if (own < p.rows && quad < p.columns) { partials[(slab * p.rows + own) * p.columns + quad] = fragment * down; }`,
      )}`,
  };
  return { program, groupRows: rows, groupColumns: columns, chunk: chunkVoxels };
}
