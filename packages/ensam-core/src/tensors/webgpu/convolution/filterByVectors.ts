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
import { quads } from "./tiles.ts";

/** A workgroup's share of [taps * channels, outputs], in vectors of 4 along both, and of a thread in it. */
interface Tile {
  readonly columnThreads: number;
  readonly columnQuads: number;
  readonly rowThreads: number;
  readonly rowQuads: number;
}

/** Voxels that a workgroup takes into its memory at once. */
const chunkVoxels = 16;

function tileFor(columns: number): Tile {
  if (columns <= 1) return { columnThreads: 1, columnQuads: 1, rowThreads: 32, rowQuads: 1 };
  if (columns <= 2) return { columnThreads: 2, columnQuads: 1, rowThreads: 32, rowQuads: 1 };
  if (columns <= 4) return { columnThreads: 4, columnQuads: 1, rowThreads: 16, rowQuads: 2 };
  if (columns <= 8) return { columnThreads: 4, columnQuads: 2, rowThreads: 16, rowQuads: 2 };
  return { columnThreads: 8, columnQuads: 2, rowThreads: 8, rowQuads: 2 };
}

/**
 * The filter gradient of slabs of voxels where every thread sums its own weights in registers.
 *
 * @param isF16  whether the workgroup's memory holds input and gradient in f16; products and sums are f32 all the same
 */
export function filterByVectors(
  layout: FilterLayout,
  outputs: number,
  isF16: boolean,
): { program: Program; groupRows: number; groupColumns: number; chunk: number } {
  const tile = tileFor(quads(outputs));
  const { columnThreads, columnQuads, rowThreads, rowQuads } = tile;
  const threads = columnThreads * rowThreads;
  const groupRows = rowThreads * rowQuads;
  const groupColumns = columnThreads * columnQuads;
  const m = range(rowQuads);
  const n = range(columnQuads);
  const element = isF16 ? "vec4h" : "vec4f";
  const chunk = {
    ...{ threads, voxels: chunkVoxels, rowQuads: groupRows, columnQuads: groupColumns },
    keepInput: (index: string, value: string) => `tileX[${index}] = ${element}(${value});`,
    keepGradient: (index: string, value: string) => `tileY[${index}] = ${element}(${value}${isF16 ? " * up" : ""});`,
  };
  const program: Program = {
    key: `filterGradient ${Object.values(tile).join(" ")} ${Object.values(layout).join(" ")}${isF16 ? " f16" : ""}`,
    reads: { ...filterReads(layout), ...(isF16 && { scale: "f32" as const }) },
    writes: { partials: "vec4f" },
    parameters: filterParameters,
    threads,
    directives: isF16 ? ["enable f16"] : [],
    declarations: `
      var<workgroup> tileX: array<${element}, ${chunkVoxels * groupRows}>;
      var<workgroup> tileY: array<${element}, ${chunkVoxels * groupColumns}>;
      ${filterAddresses(layout)}`,
    body: `
      let column = local % ${columnThreads}u;
      let row = local / ${columnThreads}u;
      ${isF16 ? "let up = scale[0]; let down = scale[1];" : ""}
      ${filterStart(chunk)}
      ${m.flatMap((i) => n.flatMap((j) => range(4).map((r) => `var sum${i}_${r}_${j} = vec4f();`))).join("\n")}

      for (var first = start; first < end; first += ${chunkVoxels}u) {
        ${filterLoads(chunk)}
        workgroupBarrier();
        for (var v = 0u; v < ${chunkVoxels}u; v++) {
          ${n.map((j) => `let y${j} = vec4f(tileY[v * ${groupColumns}u + column + ${j * columnThreads}u]);`).join("\n")}
          ${m
            .map(
              (i) => `let x${i} = vec4f(tileX[v * ${groupRows}u + row + ${i * rowThreads}u]);
          ${n.flatMap((j) => range(4).map((r) => `sum${i}_${r}_${j} += x${i}[${r}] * y${j};`)).join("\n")}`,
            )
            .join("\n")}
        }
        workgroupBarrier();
      }

      ${m
        .flatMap((i) =>
          range(4).map(
            (r) => `{
        let own = (firstRow + row + ${i * rowThreads}u) * 4u + ${r}u;
        if (own < p.rows) {
          ${n
            .map(
              (j) => `{
            let quad = firstColumn + column + ${j * columnThreads}u;
            if (quad < p.columns) { partials[(slab * p.rows + own) * p.columns + quad] = sum${i}_${r}_${j}${isF16 ? " * down" : ""}; }
          }`,
            )
            .join("\n")}
        }
      }`,
          ),
        )
        .join("\n")}`,
  };
  return { program, groupRows: groupRows * 4, groupColumns: groupColumns * 4, chunk: chunkVoxels };
}
