import type { Program } from "../runtime/program.ts";
import { range } from "../runtime/range.ts";
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
import type { Tile } from "./tiles.ts";

/**
 * A gather convolution where every thread sums its own outputs in registers.
 *
 * @param isF16  whether the workgroup's memory holds input and weights in f16; products and sums are f32 all the same
 */
export function gatherByVectors(tile: Tile, layout: GatherLayout, isF16: boolean): Program {
  const { columnThreads, rowThreads, rows, quads, depthQuads } = tile;
  const threads = columnThreads * rowThreads;
  const groupRows = rowThreads * rows;
  const groupQuads = columnThreads * quads;
  /** Rows of the tile are one vector longer than they need to be, so that threads of one column hit different banks. */
  const pitch = depthQuads + 1;
  const element = isF16 ? "vec4h" : "vec4f";
  const m = range(rows);
  const n = range(quads);
  const chunk = {
    ...{ threads, rows: groupRows, depthQuads, columnQuads: groupQuads },
    keepInput: (row: string, quad: string, value: string) =>
      `tileX[${row} * ${pitch}u + ${quad}] = ${element}(${value}${isF16 ? " * up" : ""});`,
    keepWeights: (index: string, value: string) => `tileW[${index}] = ${element}(${value});`,
  };

  return {
    key: `gatherConvolution ${Object.values(tile).join(" ")} ${Object.values(layout).join(" ")}${isF16 ? " f16" : ""}`,
    reads: { ...gatherReads(layout), ...(isF16 && { scale: "f32" as const }) },
    writes: { y: layout.writesQuads ? "vec4f" : "f32" },
    parameters: { ...gatherParameters, ...(isF16 && { hasScale: "u32" as const }) },
    threads,
    directives: isF16 ? ["enable f16"] : [],
    declarations: `
      var<workgroup> tileX: array<${element}, ${groupRows * pitch}>;
      var<workgroup> tileW: array<${element}, ${depthQuads * 4 * groupQuads}>;
      ${gatherAddresses(layout)}`,
    body: `
      let column = local % ${columnThreads}u;
      let row = local / ${columnThreads}u;
      ${isF16 ? f16Scale : ""}
      ${gatherStart(layout, chunk)}
      ${m.flatMap((i) => n.map((j) => `var sum${i}_${j} = vec4f();`)).join("\n")}

      for (var chunk = 0u; chunk < p.depth; chunk += ${depthQuads * 4}u) {
        ${gatherLoads(layout, chunk)}
        workgroupBarrier();
        for (var q = 0u; q < ${depthQuads}u; q++) {
          ${n
            .flatMap((j) =>
              range(4).map(
                (r) =>
                  `let w${r}_${j} = vec4f(tileW[(q * 4u + ${r}u) * ${groupQuads}u + column + ${j * columnThreads}u]);`,
              ),
            )
            .join("\n")}
          ${m
            .map(
              (i) => `let x${i} = vec4f(tileX[(row + ${i * rowThreads}u) * ${pitch}u + q]);
          ${n
            .map(
              (j) => `sum${i}_${j} += x${i}.x * w0_${j} + x${i}.y * w1_${j} + x${i}.z * w2_${j} + x${i}.w * w3_${j};`,
            )
            .join("\n")}`,
            )
            .join("\n")}
        }
        workgroupBarrier();
      }

      ${m
        .map((i) =>
          gatherRow(
            `firstRow + row + ${i * rowThreads}u`,
            n
              .map((j) =>
                gatherStore(
                  layout,
                  `sum${i}_${j}${isF16 ? " * down" : ""}`,
                  `firstQuad + column + ${j * columnThreads}u`,
                ),
              )
              .join("\n"),
          ),
        )
        .join("\n")}`,
  };
}

/** The factors before and after the product: see `withF16Scale`. */
export const f16Scale = `
      var up = 1.0;
      var down = 1.0;
      if (p.hasScale != 0u) { up = scale[0]; down = scale[1]; }`;
