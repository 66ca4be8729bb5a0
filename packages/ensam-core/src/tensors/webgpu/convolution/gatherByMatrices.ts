import type { MatrixUnit } from "../runtime/convolutionSettings.ts";
import type { Program } from "../runtime/program.ts";
import { range } from "../runtime/range.ts";
import { f16Scale } from "./gatherByVectors.ts";
import {
  type GatherLayout,
  gatherAddresses,
  gatherLoads,
  gatherParameters,
  gatherReads,
  gatherRow,
  gatherStart,
  gatherStore,
} from "./gatherShader.ts";
import { declareSums, matrixDirectives, matrixGroup, multiplyIntoSums, takeFragments } from "./matrixUnit.ts";

/** Vectors of 4 along the depth that a workgroup takes into its memory at once. */
const depthQuads = 8;
/** Rows of the input tile are this much longer than they need to be, so that rows begin in different banks. */
const padding = 8;

/** A gather convolution by the GPU's matrix units: f16 numbers, f32 sums. */
export function gatherByMatrices(unit: MatrixUnit, layout: GatherLayout, outputs: number): Program {
  const group = matrixGroup(unit, outputs);
  const { rows, columns, subgroups, rowFragments } = group;
  const threads = subgroups * unit.subgroupSize;
  const depth = depthQuads * 4;
  const pitch = depth + padding;
  const keep = (tile: string, at: string, value: string) =>
    `{ let at = ${at}; let half = vec4h(${value}); ${range(4)
      .map((i) => `${tile}[at + ${i}u] = half[${i}];`)
      .join(" ")} }`;
  const chunk = {
    ...{ threads, rows, depthQuads, columnQuads: columns / 4 },
    keepInput: (row: string, quad: string, value: string) =>
      keep("tileX", `${row} * ${pitch}u + ${quad} * 4u`, `${value} * up`),
    keepWeights: (index: string, value: string) => keep("tileW", `${index} * 4u`, value),
  };

  return {
    key: `gatherConvolution ${Object.values(unit).join(" ")} ${columns} ${Object.values(layout).join(" ")} matrix`,
    reads: { ...gatherReads(layout), scale: "f32" },
    writes: { y: layout.writesQuads ? "vec4f" : "f32" },
    parameters: { ...gatherParameters, hasScale: "u32" },
    threads,
    directives: matrixDirectives,
    declarations: `
      var<workgroup> tileX: array<f16, ${rows * pitch}>;
      var<workgroup> tileW: array<f16, ${depth * columns}>;
      var<workgroup> fragments: array<f32, ${subgroups * unit.rows * unit.columns}>;
      ${gatherAddresses(layout)}`,
    body: `
      let subgroup = local / ${unit.subgroupSize}u;
      let lane = local % ${unit.subgroupSize}u;
      ${f16Scale}
      ${gatherStart(layout, chunk)}
      ${declareSums(unit, group)}

      for (var chunk = 0u; chunk < p.depth; chunk += ${depth}u) {
        ${gatherLoads(layout, chunk)}
        workgroupBarrier();
        for (var d = 0u; d < ${depth}u; d += ${unit.depth}u) {
          ${multiplyIntoSums(unit, group, {
            left: (i) => {
              const first = `(subgroup * ${rowFragments}u + ${i}u) * ${unit.rows * pitch}u + d`;
              return ["tileX", "row_major", first, pitch];
            },
            right: ["tileW", "d"],
          })}
        }
        workgroupBarrier();
      }

      ${takeFragments(unit, group, (i, j) =>
        gatherRow(
          `firstRow + (subgroup * ${rowFragments}u + ${i}u) * ${unit.rows}u + fragmentRow`,
          gatherStore(layout, "fragment * down", `firstQuad + ${(j * unit.columns) / 4}u + fragmentQuad`),
        ),
      )}`,
  };
}
