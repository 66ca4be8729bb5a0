import type { GpuBackend, Scratch, TensorInfo } from "./backend.ts";
import { stretches } from "./parts.ts";
import { bytesOf, type Program } from "./program.ts";

type Buffers = Readonly<Record<string, TensorInfo | Scratch>>;

/**
 * Fields of a program for `runElementwise`: the elements of the dispatch, and how many of the whole maps lie before
 * them.
 */
export const elementwiseParameters = { count: "u32", first: "u32" } as const;

/**
 * Runs a program that has a thread for each element of its maps and reads and writes it at `index`: once for each part
 * of the maps, so it binds one buffer of each. The element's place in the whole map is `p.first + index`.
 *
 * @param maps    all of one size and one type
 * @param others  bound as they are
 * @param count   elements of each map
 */
export function runElementwise(
  backend: GpuBackend,
  program: Program,
  maps: Buffers,
  others: Buffers,
  parameters: Readonly<Record<string, number>>,
  count: number,
): void {
  const names = Object.keys(maps);
  const lying = names.map((name) => backend.partsOf(maps[name]!));
  const parts = lying[0]!.length;
  const perPart = parts === 1 ? count : perPartOf(backend, program, names[0]!);
  for (let part = 0; part < parts; part++) {
    const first = part * perPart;
    const length = Math.min(perPart, count - first);
    const bound = Object.fromEntries(names.map((name, i) => [name, { parts: [lying[i]![part]!] }]));
    const buffers = { ...others, ...bound };
    backend.run(program, buffers, { ...parameters, first, count: length }, Math.ceil(length / program.threads));
  }
}

/**
 * How the rows of maps [rows, lanes] are cut into slabs: `perSlab` rows each, and `blocks` workgroups for each slab.
 */
export interface Slabs {
  readonly rows: number;
  readonly lanes: number;
  readonly perSlab: number;
  readonly slabs: number;
  readonly blocks: number;
}

/**
 * Fields of a program for `runOverSlabs`: its slab is `p.firstSlab + group.x`, and the maps begin `p.before` elements
 * later.
 */
export const slabParameters = { firstSlab: "u32", before: "u32" } as const;

/**
 * Runs a program over slabs of rows: once if the maps are whole, else once for each stretch of slabs, with those parts
 * of the maps bound that the stretch lies in. What a slab computes does not depend on it.
 *
 * @param maps    all of one size and one type, read only
 * @param others  bound as they are
 */
export function runOverSlabs(
  backend: GpuBackend,
  program: Program,
  maps: Buffers,
  others: Buffers,
  parameters: Readonly<Record<string, number>>,
  { rows, lanes, perSlab, slabs, blocks }: Slabs,
): void {
  const names = Object.keys(maps);
  const lying = names.map((name) => backend.partsOf(maps[name]!));
  const perPart = perPartOf(backend, program, names[0]!);
  const whole = { firstSlab: 0, slabs, firstPart: 0, parts: 1 };
  for (const stretch of lying[0]!.length === 1 ? [whole] : stretches(rows * lanes, perSlab * lanes, perPart)) {
    const { firstSlab, firstPart } = stretch;
    const bound = names.map((name, i) => [name, { parts: lying[i]!.slice(firstPart, firstPart + stretch.parts) }]);
    const buffers = { ...others, ...Object.fromEntries(bound) };
    const before = firstPart * perPart;
    backend.run(program, buffers, { ...parameters, firstSlab, before }, [stretch.slabs, blocks]);
  }
}

/** Elements of each part of a program's buffer, where it lies in several. */
function perPartOf(backend: GpuBackend, { reads, writes }: Program, name: string): number {
  return (backend.partFloats * 4) / bytesOf[(reads[name] ?? writes[name])!];
}
