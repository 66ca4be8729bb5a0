import type { ElementType, ParameterType } from "../runtime/program.ts";
import { range } from "../runtime/range.ts";

/** How a gather program's buffers are laid out. */
export interface GatherLayout {
  /** Whether the input's channels come in fours. */
  readonly hasQuads: boolean;
  /** Whether its outputs do. */
  readonly writesQuads: boolean;
}

/** What a workgroup puts into its memory at once: rows × depth of the input, depth × columns of the weights. */
interface GatherChunk {
  readonly threads: number;
  readonly rows: number;
  readonly depthQuads: number;
  readonly columnQuads: number;
  /** Statement that keeps a vector of 4 along the depth, by its row and its place in the chunk. */
  readonly keepInput: (row: string, quad: string, value: string) => string;
  /** Statement that keeps a vector of 4 columns, by its index in [depth][columnQuads]. */
  readonly keepWeights: (index: string, value: string) => string;
}

const signed = ["firstZ", "firstY", "firstX"];
const unsigned = [
  ...["inputZ", "inputY", "inputX", "rowsZ", "rowsY", "rowsX", "outputZ", "outputY", "outputX"],
  ...["offsetZ", "offsetY", "offsetX", "tapsY", "tapsX", "stride", "spacing", "channels", "outputs"],
  ...["outputQuads", "depth", "rows", "hasBias", "hasAddend", "firstGroup"],
];

export const gatherParameters: Readonly<Record<string, ParameterType>> = Object.fromEntries([
  ...signed.map((name) => [name, "i32"] as const),
  ...unsigned.map((name) => [name, "u32"] as const),
]);

export function gatherReads({ hasQuads, writesQuads }: GatherLayout): Record<string, ElementType> {
  const output = writesQuads ? "vec4f" : "f32";
  return { x: hasQuads ? "vec4f" : "f32", weights: "vec4f", bias: output, addend: output };
}

/** Where rows and taps lie in the input. */
export function gatherAddresses({ hasQuads }: GatherLayout): string {
  return `
      fn place(row: u32) -> vec3u {
        let plane = p.rowsY * p.rowsX;
        let inPlane = row % plane;
        return vec3u(row / plane, inPlane / p.rowsX, inPlane % p.rowsX);
      }
      /** The input voxel of tap 0, far outside for rows behind the last one. */
      fn origin(row: u32) -> vec3i {
        if (row >= p.rows) { return vec3i(-0x1000000); }
        return vec3i(place(row) * p.stride) + vec3i(p.firstZ, p.firstY, p.firstX);
      }
      fn offsetOf(tap: u32) -> vec3i {
        let plane = p.tapsY * p.tapsX;
        let inPlane = tap % plane;
        return vec3i(vec3u(tap / plane, inPlane / p.tapsX, inPlane % p.tapsX));
      }
      fn isInside(at: vec3i) -> bool {
        return all(at >= vec3i(0)) && all(at < vec3i(vec3u(p.inputZ, p.inputY, p.inputX)));
      }
      fn voxel(at: vec3i) -> u32 {
        return (u32(at.x) * p.inputY + u32(at.y)) * p.inputX + u32(at.z);
      }
      ${
        hasQuads
          ? ""
          : `fn scalarAt(origin: vec3i, k: u32) -> f32 {
        if (k >= p.depth) { return 0; }
        let at = origin + offsetOf(k / p.channels);
        if (!isInside(at)) { return 0; }
        return x[voxel(at) * p.channels + k % p.channels];
      }`
      }`;
}

/** The workgroup's place, and the input voxels of the rows that a thread loads. */
export function gatherStart({ hasQuads }: GatherLayout, chunk: GatherChunk): string {
  const loaderRows = chunk.threads / chunk.depthQuads;
  const loads = range(chunk.rows / loaderRows);
  return `
      let groupIndex = p.firstGroup + group.y * groups.x + group.x;
      let firstRow = groupIndex * ${chunk.rows}u;
      let firstQuad = group.z * ${chunk.columnQuads}u;
      let loadQuad = local % ${chunk.depthQuads}u;
      let loadRow = local / ${chunk.depthQuads}u;
      ${hasQuads ? loads.map((j) => `let origin${j} = origin(firstRow + loadRow + ${j * loaderRows}u);`).join("\n") : ""}`;
}

/** Loads the input and the weights of the chunk of the depth that begins at `chunk`. */
export function gatherLoads({ hasQuads }: GatherLayout, chunk: GatherChunk): string {
  const { threads, depthQuads, columnQuads } = chunk;
  const loaderRows = threads / depthQuads;
  const loads = range(chunk.rows / loaderRows);
  const input = hasQuads
    ? `let offset = offsetOf(k / p.channels);
        let channelQuad = (k % p.channels) / 4u;
        ${loads
          .map(
            (j) => `{
          let at = origin${j} + offset;
          var value = vec4f();
          if (k < p.depth && isInside(at)) { value = x[voxel(at) * (p.channels / 4u) + channelQuad]; }
          ${chunk.keepInput(`(loadRow + ${j * loaderRows}u)`, "loadQuad", "value")}
        }`,
          )
          .join("\n")}`
    : `for (var i = loadRow; i < ${chunk.rows}u; i += ${loaderRows}u) {
          let start = origin(firstRow + i);
          var value = vec4f();
          for (var e = 0u; e < 4u; e++) { value[e] = scalarAt(start, k + e); }
          ${chunk.keepInput("i", "loadQuad", "value")}
        }`;
  return `
        let k = chunk + loadQuad * 4u;
        ${input}
        for (var i = local; i < ${depthQuads * 4 * columnQuads}u; i += ${threads}u) {
          let atDepth = chunk + i / ${columnQuads}u;
          let quad = firstQuad + i % ${columnQuads}u;
          var value = vec4f();
          if (atDepth < p.depth && quad < p.outputQuads) { value = weights[atDepth * p.outputQuads + quad]; }
          ${chunk.keepWeights("i", "value")}
        }`;
}

/** Writes what belongs to a row, by its index `own`: statements that know its output voxel as `voxelOut`. */
export function gatherRow(own: string, statements: string): string {
  return `{
        let own = ${own};
        if (own < p.rows) {
          let at = place(own) * p.spacing + vec3u(p.offsetZ, p.offsetY, p.offsetX);
          let voxelOut = (at.x * p.outputY + at.y) * p.outputX + at.z;
          ${statements}
        }
      }`;
}

/** Writes a sum of four outputs, with bias and addend. */
export function gatherStore({ writesQuads }: GatherLayout, sum: string, quad: string): string {
  if (writesQuads) {
    return `{
      let quad = ${quad};
      if (quad < p.outputQuads) {
        let index = voxelOut * p.outputQuads + quad;
        var value = ${sum};
        if (p.hasBias != 0u) { value += bias[quad]; }
        if (p.hasAddend != 0u) { value += addend[index]; }
        y[index] = value;
      }
    }`;
  }
  return `{
      let sum = ${sum};
      for (var i = 0u; i < 4u; i++) {
        let channel = (${quad}) * 4u + i;
        if (channel < p.outputs) {
          let index = voxelOut * p.outputs + channel;
          var value = sum[i];
          if (p.hasBias != 0u) { value += bias[channel]; }
          if (p.hasAddend != 0u) { value += addend[index]; }
          y[index] = value;
        }
      }
    }`;
}
