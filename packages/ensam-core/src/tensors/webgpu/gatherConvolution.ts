import { type GpuBackend, type Scratch, spread, type TensorInfo } from "./backend.ts";
import type { Program } from "./program.ts";
import { quads, type Tile, tileFor } from "./tiles.ts";

type Zyx = readonly [z: number, y: number, x: number];

/** A convolution as a matrix product: row = voxel of a grid, column = output channel, depth = taps × input channels. */
export interface GatherConvolution {
  /** [inputShape, channels] */
  readonly x: TensorInfo;
  readonly inputShape: Zyx;
  readonly channels: number;
  /** The grid of rows. */
  readonly rows: Zyx;
  /** The input voxel of tap 0 is `row * stride + first`. */
  readonly stride: number;
  readonly first: Zyx;
  /** Taps along each axis, one input voxel apart. */
  readonly taps: Zyx;
  /** From `packWeights`: [taps * channels][quads(outputs)] vectors of 4. */
  readonly weights: Scratch;
  readonly outputs: number;
  /** The row's output voxel is `row * spacing + offset`. */
  readonly y: TensorInfo;
  readonly outputShape: Zyx;
  readonly spacing: number;
  readonly offset: Zyx;
  readonly bias?: TensorInfo | undefined;
  readonly addend?: TensorInfo | undefined;
}

/** Multiply-accumulates of one dispatch at most: 0.3 s on a GPU that manages 1 TFLOP/s. */
const macsPerDispatch = 1.5e11;
/** A dispatch of more is sent at once, so that no batch of commands takes long. */
export const macsPerSubmit = 1e10;

/** Computes every row; nothing where the grid of rows is empty. */
export function gatherConvolution(backend: GpuBackend, c: GatherConvolution, tile?: Tile): void {
  const rows = c.rows[0] * c.rows[1] * c.rows[2];
  if (rows === 0) return;
  const depth = c.taps[0] * c.taps[1] * c.taps[2] * c.channels;
  const chosen = tile ?? tileFor(rows, c.outputs);
  const rowsPerGroup = chosen.rowThreads * chosen.rows;
  const columnGroups = Math.ceil(quads(c.outputs) / (chosen.columnThreads * chosen.quads));
  const groups = Math.ceil(rows / rowsPerGroup);
  const macsPerGroup = rowsPerGroup * depth * c.outputs;
  const perDispatch = Math.max(1, Math.min(groups, Math.floor(macsPerDispatch / macsPerGroup)));
  const program = gatherProgram({
    tile: chosen,
    hasQuads: c.channels % 4 === 0,
    writesQuads: c.outputs % 4 === 0,
  });
  // What is not there is bound to something that is, and not read.
  const { x, weights, y, bias = weights, addend = weights } = c;
  const buffers = { x, weights, bias, addend, y };
  for (let from = 0; from < groups; from += perDispatch) {
    const count = Math.min(perDispatch, groups - from);
    const [x, y] = spread(count);
    const parameters = {
      ...axes("input", c.inputShape),
      ...axes("rows", c.rows),
      ...axes("first", c.first),
      ...axes("output", c.outputShape),
      ...axes("offset", c.offset),
      tapsY: c.taps[1],
      tapsX: c.taps[2],
      stride: c.stride,
      spacing: c.spacing,
      channels: c.channels,
      outputs: c.outputs,
      outputQuads: quads(c.outputs),
      depth,
      rows,
      hasBias: c.bias === undefined ? 0 : 1,
      hasAddend: c.addend === undefined ? 0 : 1,
      firstGroup: from,
    };
    backend.run(program, buffers, parameters, [x, y, columnGroups]);
    if (count * macsPerGroup > macsPerSubmit) backend.flush();
  }
}

function axes(name: string, [z, y, x]: Zyx): Record<string, number> {
  return { [`${name}Z`]: z, [`${name}Y`]: y, [`${name}X`]: x };
}

interface Variant {
  readonly tile: Tile;
  /** Whether the input's channels come in fours. */
  readonly hasQuads: boolean;
  /** Whether its outputs do. */
  readonly writesQuads: boolean;
}

function gatherProgram({ tile, hasQuads, writesQuads }: Variant): Program {
  const { columnThreads, rowThreads, rows, quads, depthQuads } = tile;
  const threads = columnThreads * rowThreads;
  const groupRows = rowThreads * rows;
  const groupQuads = columnThreads * quads;
  const loaderRows = threads / depthQuads;
  const loads = range(groupRows / loaderRows);
  /** Rows of the tile are one vector longer than they need to be, so that threads of one column hit different banks. */
  const pitch = depthQuads + 1;
  const output = writesQuads ? "vec4f" : "f32";
  const inputs = hasQuads ? "vec4f" : "f32";
  const signed = ["firstZ", "firstY", "firstX"];
  const unsigned = ["inputZ", "inputY", "inputX", "rowsZ", "rowsY", "rowsX", "outputZ", "outputY", "outputX"];
  const more = ["offsetZ", "offsetY", "offsetX", "tapsY", "tapsX", "stride", "spacing", "channels", "outputs"];
  const rest = ["outputQuads", "depth", "rows", "hasBias", "hasAddend", "firstGroup"];
  const m = range(rows);
  const n = range(quads);

  return {
    key: `gatherConvolution ${Object.values(tile).join(" ")} ${hasQuads} ${writesQuads}`,
    reads: { x: inputs, weights: "vec4f", bias: output, addend: output },
    writes: { y: output },
    parameters: Object.fromEntries([
      ...signed.map((name) => [name, "i32"] as const),
      ...[...unsigned, ...more, ...rest].map((name) => [name, "u32"] as const),
    ]),
    threads,
    declarations: `
      var<workgroup> tileX: array<vec4f, ${groupRows * pitch}>;
      var<workgroup> tileW: array<vec4f, ${depthQuads * 4 * groupQuads}>;

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
      }`,
    body: `
      let column = local % ${columnThreads}u;
      let row = local / ${columnThreads}u;
      let groupIndex = p.firstGroup + group.y * groups.x + group.x;
      let firstRow = groupIndex * ${groupRows}u;
      let firstQuad = group.z * ${groupQuads}u;
      let loadQuad = local % ${depthQuads}u;
      let loadRow = local / ${depthQuads}u;
      ${hasQuads ? loads.map((j) => `let origin${j} = origin(firstRow + loadRow + ${j * loaderRows}u);`).join("\n") : ""}
      ${m.flatMap((i) => n.map((j) => `var sum${i}_${j} = vec4f();`)).join("\n")}

      for (var chunk = 0u; chunk < p.depth; chunk += ${depthQuads * 4}u) {
        let k = chunk + loadQuad * 4u;
        ${
          hasQuads
            ? `let offset = offsetOf(k / p.channels);
        let channelQuad = (k % p.channels) / 4u;
        ${loads
          .map(
            (j) => `{
          let at = origin${j} + offset;
          var value = vec4f();
          if (k < p.depth && isInside(at)) { value = x[voxel(at) * (p.channels / 4u) + channelQuad]; }
          tileX[(loadRow + ${j * loaderRows}u) * ${pitch}u + loadQuad] = value;
        }`,
          )
          .join("\n")}`
            : `for (var i = loadRow; i < ${groupRows}u; i += ${loaderRows}u) {
          let start = origin(firstRow + i);
          var value = vec4f();
          for (var e = 0u; e < 4u; e++) { value[e] = scalarAt(start, k + e); }
          tileX[i * ${pitch}u + loadQuad] = value;
        }`
        }
        for (var i = local; i < ${depthQuads * 4 * groupQuads}u; i += ${threads}u) {
          let atDepth = chunk + i / ${groupQuads}u;
          let quad = firstQuad + i % ${groupQuads}u;
          var value = vec4f();
          if (atDepth < p.depth && quad < p.outputQuads) { value = weights[atDepth * p.outputQuads + quad]; }
          tileW[i] = value;
        }
        workgroupBarrier();
        for (var q = 0u; q < ${depthQuads}u; q++) {
          ${n
            .flatMap((j) =>
              range(4).map(
                (r) => `let w${r}_${j} = tileW[(q * 4u + ${r}u) * ${groupQuads}u + column + ${j * columnThreads}u];`,
              ),
            )
            .join("\n")}
          ${m
            .map(
              (i) => `let x${i} = tileX[(row + ${i * rowThreads}u) * ${pitch}u + q];
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
        .map(
          (i) => `{
        let own = firstRow + row + ${i * rowThreads}u;
        if (own < p.rows) {
          let at = place(own) * p.spacing + vec3u(p.offsetZ, p.offsetY, p.offsetX);
          let voxelOut = (at.x * p.outputY + at.y) * p.outputX + at.z;
          ${n.map((j) => store(`sum${i}_${j}`, `firstQuad + column + ${j * columnThreads}u`, writesQuads)).join("\n")}
        }
      }`,
        )
        .join("\n")}`,
  };
}

/** Writes a sum of four outputs, with bias and addend. */
function store(sum: string, quad: string, writesQuads: boolean): string {
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
  return `for (var i = 0u; i < 4u; i++) {
      let channel = (${quad}) * 4u + i;
      if (channel < p.outputs) {
        let index = voxelOut * p.outputs + channel;
        var value = ${sum}[i];
        if (p.hasBias != 0u) { value += bias[channel]; }
        if (p.hasAddend != 0u) { value += addend[index]; }
        y[index] = value;
      }
    }`;
}

export function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
