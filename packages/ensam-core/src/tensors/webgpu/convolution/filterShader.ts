import type { ElementType, ParameterType } from "../runtime/program.ts";
import { range } from "../runtime/range.ts";

/** How the maps of a filter gradient are laid out. */
export interface FilterLayout {
  /** Whether the input's channels come in fours. */
  readonly hasQuads: boolean;
  /** Whether the output's do. */
  readonly readsQuads: boolean;
}

/** What a workgroup puts into its memory at once: voxels × rows of the input and voxels × columns of the gradient. */
interface FilterChunk {
  readonly threads: number;
  readonly voxels: number;
  readonly rowQuads: number;
  readonly columnQuads: number;
  /** Statements that keep a vector of 4 rows of a voxel, by its index in [voxels][rowQuads]. */
  readonly keepInput: (index: string, value: string) => string;
  /** Statements that keep a vector of 4 columns of a voxel, by its index in [voxels][columnQuads]. */
  readonly keepGradient: (index: string, value: string) => string;
}

export const filterParameters: Readonly<Record<string, ParameterType>> = Object.fromEntries(
  [
    ...["inputZ", "inputY", "inputX", "outputY", "outputX", "stride", "padding", "kernel", "channels"],
    ...["outputs", "columns", "rows", "voxels", "perSlab", "firstSlab"],
  ].map((name) => [name, "u32"]),
);

export function filterReads({ hasQuads, readsQuads }: FilterLayout): Record<string, ElementType> {
  return { x: hasQuads ? "vec4f" : "f32", dy: readsQuads ? "vec4f" : "f32" };
}

/** A vector of 4 rows (tap, input channel) of a voxel's input, and one of 4 columns of its gradient. */
export function filterAddresses({ hasQuads, readsQuads }: FilterLayout): string {
  return `
      fn offsetOf(row: u32) -> vec3i {
        let tap = row / p.channels;
        let inPlane = tap % (p.kernel * p.kernel);
        return vec3i(vec3u(tap / (p.kernel * p.kernel), inPlane / p.kernel, inPlane % p.kernel)) - i32(p.padding);
      }
      fn isInside(at: vec3i) -> bool {
        return all(at >= vec3i(0)) && all(at < vec3i(vec3u(p.inputZ, p.inputY, p.inputX)));
      }
      fn voxelOf(at: vec3i) -> u32 {
        return (u32(at.x) * p.inputY + u32(at.y)) * p.inputX + u32(at.z);
      }
      ${
        hasQuads
          ? `fn inputAt(place: vec3i, row: u32, offset: vec3i) -> vec4f {
        let at = place + offset;
        if (row >= p.rows || !isInside(at)) { return vec4f(); }
        return x[(voxelOf(at) * p.channels + row % p.channels) / 4u];
      }`
          : `fn scalarAt(place: vec3i, row: u32) -> f32 {
        let at = place + offsetOf(row);
        if (row >= p.rows || !isInside(at)) { return 0; }
        return x[voxelOf(at) * p.channels + row % p.channels];
      }
      fn inputAt(place: vec3i, row: u32, offset: vec3i) -> vec4f {
        var value = vec4f();
        for (var i = 0u; i < 4u; i++) { value[i] = scalarAt(place, row + i); }
        return value;
      }`
      }
      fn gradientAt(voxel: u32, column: u32) -> vec4f {
        if (column >= p.columns) { return vec4f(); }
        ${
          readsQuads
            ? "return dy[voxel * p.columns + column];"
            : `var value = vec4f();
        for (var i = 0u; i < 4u; i++) {
          let channel = column * 4u + i;
          if (channel < p.outputs) { value[i] = dy[voxel * p.outputs + channel]; }
        }
        return value;`
        }
      }`;
}

/** The workgroup's place and slab, and what a thread loads. Rows and columns count vectors of 4. */
export function filterStart({ threads, rowQuads, columnQuads }: FilterChunk): string {
  const loaders = Math.min(rowQuads, threads);
  return `
      let firstRow = group.x * ${rowQuads}u;
      let firstColumn = group.y * ${columnQuads}u;
      let slab = p.firstSlab + group.z;
      let start = slab * p.perSlab;
      let end = min(start + p.perSlab, p.voxels);
      let loadRow = local % ${loaders}u;
      let loadVoxel = local / ${loaders}u;
      ${range(Math.max(1, rowQuads / threads))
        .map(
          (r) => `let ownRow${r} = (firstRow + loadRow + ${r * threads}u) * 4u;
      let offset${r} = offsetOf(ownRow${r});`,
        )
        .join("\n")}
      // The output voxel that this thread loads next, stepped along instead of being divided out each time.
      var at = vec3u((start + loadVoxel) / (p.outputY * p.outputX), (start + loadVoxel) / p.outputX % p.outputY, (start + loadVoxel) % p.outputX);`;
}

/** Loads the chunk of voxels that begins at `first`. */
export function filterLoads({ threads, voxels, rowQuads, columnQuads, keepInput, keepGradient }: FilterChunk): string {
  const voxelsAtOnce = Math.max(1, threads / rowQuads);
  return `
        for (var i = loadVoxel; i < ${voxels}u; i += ${voxelsAtOnce}u) {
          let isUsed = first + i < end;
          let place = vec3i(at * p.stride);
          ${range(Math.max(1, rowQuads / threads))
            .map(
              (r) => `{
            var value = vec4f();
            if (isUsed) { value = inputAt(place, ownRow${r}, offset${r}); }
            ${keepInput(`(i * ${rowQuads}u + loadRow + ${r * threads}u)`, "value")}
          }`,
            )
            .join("\n")}
          at.z += ${voxelsAtOnce}u;
          while (at.z >= p.outputX) {
            at.z -= p.outputX;
            at.y += 1u;
            if (at.y == p.outputY) { at.y = 0u; at.x += 1u; }
          }
        }
        for (var i = local; i < ${voxels * columnQuads}u; i += ${threads}u) {
          let voxel = first + i / ${columnQuads}u;
          var value = vec4f();
          if (voxel < end) { value = gradientAt(voxel, firstColumn + i % ${columnQuads}u); }
          ${keepGradient("i", "value")}
        }`;
}
