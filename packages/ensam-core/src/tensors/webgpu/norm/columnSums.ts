import type { GpuBackend, Scratch, TensorInfo } from "../runtime/backend.ts";
import type { ElementType, ParameterType, Program } from "../runtime/program.ts";
import { range } from "../runtime/range.ts";
import { runOverSlabs, slabParameters } from "../runtime/runByParts.ts";

/** Several sums over the rows of maps [rows, columns], for each column. */
export interface ColumnSums {
  /** Names the sums among all. */
  readonly key: string;
  /** How many sums. */
  readonly count: number;
  /** Maps [rows, columns], read at `at` only. */
  readonly maps: readonly string[];
  /** Vectors [columns], read at `lane`. */
  readonly vectors?: readonly string[];
  /** Adds a row's share to `sum0`, `sum1`, ... with `Value` as the type of all. */
  readonly code: string;
  readonly declarations?: string;
}

const threads = 256;
/** Rows that each thread adds up at least, and workgroups at most. */
const leastRows = 16;
const mostSlabs = 512;

/** How columns and rows are spread over workgroups. By the shape alone, so that the order of summation is too. */
export function sharesOf(rows: number, columns: number) {
  const width = columns % 4 === 0 ? 4 : 1;
  const lanes = columns / width;
  const blockLanes = Math.min(lanes, 64);
  const blocks = Math.ceil(lanes / blockLanes);
  const strands = 2 ** Math.floor(Math.log2(threads / blockLanes));
  const perSlab = Math.max(strands * leastRows, Math.ceil(rows / mostSlabs));
  return { width, lanes, blockLanes, blocks, strands, perSlab, slabs: Math.ceil(rows / perSlab) };
}

/**
 * Writes `count` rows of `columns` sums. Rows are added up in slabs, then the slabs' sums: always in the same order.
 *
 * @param target  [count, columns]
 */
export function columnSums(
  backend: GpuBackend,
  sums: ColumnSums,
  buffers: Readonly<Record<string, TensorInfo | Scratch>>,
  rows: number,
  columns: number,
  target: TensorInfo | Scratch,
): void {
  const { width, lanes, blockLanes, blocks, strands, perSlab, slabs } = sharesOf(rows, columns);
  const parameters = { rows, lanes, blockLanes, strands, perSlab };
  const program = programOf(sums, width === 4 ? "vec4f" : "f32");
  const maps = Object.fromEntries(sums.maps.map((name) => [name, buffers[name]!]));
  const run = (partials: TensorInfo | Scratch) =>
    runOverSlabs(backend, program, maps, { ...buffers, partials }, parameters, { rows, lanes, perSlab, slabs, blocks });
  if (slabs === 1) {
    run(target);
    return;
  }
  backend.borrow(slabs * sums.count * columns, (partials) => {
    run(partials);
    columnSums(backend, plainSum, { x: partials }, slabs, sums.count * columns, target);
  });
}

/** The sum of each column of `x`. */
export const plainSum: ColumnSums = { key: "sum", count: 1, maps: ["x"], code: "sum0 += x[at];" };

/** Declarations and statements that share rows out to threads: see `programOf`. */
export const laneParameters: Record<string, ParameterType> = {
  rows: "u32",
  lanes: "u32",
  blockLanes: "u32",
  strands: "u32",
  perSlab: "u32",
  ...slabParameters,
};
export const laneOfThread = `
  let strand = local / p.blockLanes;
  let lane = group.y * p.blockLanes + local % p.blockLanes;
  let isUsed = strand < p.strands && lane < p.lanes;
  let slab = p.firstSlab + group.x;
  let start = slab * p.perSlab;
  let end = min(start + p.perSlab, p.rows);`;

const programs = new Map<string, Program>();

function programOf(sums: ColumnSums, type: ElementType): Program {
  const key = `columnSums ${sums.key} ${type}`;
  let program = programs.get(key);
  if (program === undefined) {
    program = createProgram(key, sums, type);
    programs.set(key, program);
  }
  return program;
}

function createProgram(key: string, sums: ColumnSums, type: ElementType): Program {
  const all = range(sums.count);
  return {
    key,
    reads: Object.fromEntries([...sums.maps, ...(sums.vectors ?? [])].map((name) => [name, type])),
    writes: { partials: type },
    parameters: laneParameters,
    threads,
    declarations: `
      alias Value = ${type};
      ${all.map((k) => `var<workgroup> shared${k}: array<Value, ${threads}>;`).join("\n")}
      ${sums.declarations ?? ""}`,
    body: `
      ${laneOfThread}
      ${all.map((k) => `var sum${k} = Value();`).join("\n")}
      if (isUsed) {
        for (var row = start + strand; row < end; row += p.strands) {
          let at = row * p.lanes + lane - p.before;
          ${sums.code}
        }
      }
      ${all.map((k) => `shared${k}[local] = sum${k};`).join("\n")}
      workgroupBarrier();
      for (var half = p.strands / 2u; half > 0u; half /= 2u) {
        if (strand < half) {
          ${all.map((k) => `shared${k}[local] += shared${k}[local + half * p.blockLanes];`).join("\n")}
        }
        workgroupBarrier();
      }
      if (strand == 0u && lane < p.lanes) {
        ${all.map((k) => `partials[(slab * ${sums.count}u + ${k}u) * p.lanes + lane] = shared${k}[local];`).join("\n")}
      }`,
  };
}
