import type { GpuBackend, Scratch, TensorInfo } from "./backend.ts";
import { macsPerSubmit, range } from "./gatherConvolution.ts";
import type { Program } from "./program.ts";
import { quads } from "./tiles.ts";

export interface FilterGradient {
  /** [1, D, H, W, I'] */
  readonly x: TensorInfo;
  /** [1, D', H', W', O] */
  readonly dy: TensorInfo;
  readonly stride: number;
  /** First input channel of the weight that x's channels are. */
  readonly from: number;
  /** [O, I, k, k, k] */
  readonly weightShape: readonly number[];
}

/** A workgroup's share of [taps * channels, outputs], in vectors of 4 along both, and of a thread in it. */
interface Tile {
  readonly columnThreads: number;
  readonly columnQuads: number;
  readonly rowThreads: number;
  readonly rowQuads: number;
}

/** Voxels that a workgroup takes into its memory at once. */
const chunk = 16;
/** Workgroups that are enough for any GPU, and voxels that are worth a workgroup. */
const enoughGroups = 1024;
const leastVoxels = 512;
/** Multiply-accumulates of one dispatch at most: 0.3 s on a GPU that manages 1 TFLOP/s. */
const macsPerDispatch = 1.5e11;

function tileFor(columns: number): Tile {
  if (columns <= 1) return { columnThreads: 1, columnQuads: 1, rowThreads: 32, rowQuads: 1 };
  if (columns <= 2) return { columnThreads: 2, columnQuads: 1, rowThreads: 32, rowQuads: 1 };
  if (columns <= 4) return { columnThreads: 4, columnQuads: 1, rowThreads: 16, rowQuads: 2 };
  if (columns <= 8) return { columnThreads: 4, columnQuads: 2, rowThreads: 16, rowQuads: 2 };
  return { columnThreads: 8, columnQuads: 2, rowThreads: 8, rowQuads: 2 };
}

/**
 * The gradient of a convolution's weight: a matrix product over all voxels, [taps * channels, voxels] · [voxels, outputs].
 * Each slab of voxels gives a partial sum, and these are added in their order, so the result does not depend on timing.
 */
export function filterGradient(backend: GpuBackend, g: FilterGradient): TensorInfo {
  const [outputs, all, k] = g.weightShape as [number, number, number];
  const channels = g.x.shape[4]!;
  const [inputZ, inputY, inputX] = g.x.shape.slice(1, 4) as [number, number, number];
  const [z, outputY, outputX] = g.dy.shape.slice(1, 4) as [number, number, number];
  const voxels = z * outputY * outputX;
  const rows = k ** 3 * channels;
  const columns = quads(outputs);
  const tile = tileFor(columns);
  const rowGroups = Math.ceil(quads(rows) / (tile.rowThreads * tile.rowQuads));
  const columnGroups = Math.ceil(columns / (tile.columnThreads * tile.columnQuads));
  const slabs = Math.max(
    1,
    Math.min(Math.ceil(enoughGroups / (rowGroups * columnGroups)), Math.ceil(voxels / leastVoxels)),
  );
  const perSlab = Math.ceil(voxels / slabs / chunk) * chunk;
  const dw = backend.output([...g.weightShape]);
  const program = slabProgram(tile, channels % 4 === 0, outputs % 4 === 0);
  backend.borrow(slabs * rows * columns * 4, (partials) => {
    const slabsPerDispatch = Math.max(1, Math.floor(macsPerDispatch / (perSlab * rows * outputs)));
    for (let slab = 0; slab < slabs; slab += slabsPerDispatch) {
      const parameters = {
        ...{ inputZ, inputY, inputX, outputY, outputX, stride: g.stride, padding: k === 3 ? 1 : 0, kernel: k },
        ...{ channels, outputs, columns, rows, voxels, perSlab, firstSlab: slab },
      };
      const count = Math.min(slabsPerDispatch, slabs - slab);
      backend.run(program, { x: g.x, dy: g.dy, partials }, parameters, [rowGroups, columnGroups, count]);
      if (count * perSlab * rows * outputs > macsPerSubmit) backend.flush();
    }
    addSlabs(backend, { partials, dw, slabs, rows, outputs, all, channels, firstChannel: g.from, taps: k ** 3 });
  });
  return dw;
}

function slabProgram(tile: Tile, hasQuads: boolean, readsQuads: boolean): Program {
  const { columnThreads, columnQuads, rowThreads, rowQuads } = tile;
  const threads = columnThreads * rowThreads;
  const groupRows = rowThreads * rowQuads;
  const groupColumns = columnThreads * columnQuads;
  /** Threads of one voxel while loading x: each keeps its row throughout. */
  const voxelsAtOnce = Math.max(1, threads / groupRows);
  const rowsEach = Math.max(1, groupRows / threads);
  const m = range(rowQuads);
  const n = range(columnQuads);
  const names = ["inputZ", "inputY", "inputX", "outputY", "outputX", "stride", "padding", "kernel", "channels"];
  const more = ["outputs", "columns", "rows", "voxels", "perSlab", "firstSlab"];
  return {
    key: `filterGradient ${Object.values(tile).join(" ")} ${hasQuads} ${readsQuads}`,
    reads: { x: hasQuads ? "vec4f" : "f32", dy: readsQuads ? "vec4f" : "f32" },
    writes: { partials: "vec4f" },
    parameters: Object.fromEntries([...names, ...more].map((name) => [name, "u32"])),
    threads,
    declarations: `
      var<workgroup> tileX: array<vec4f, ${chunk * groupRows}>;
      var<workgroup> tileY: array<vec4f, ${chunk * groupColumns}>;

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
      }`,
    body: `
      let column = local % ${columnThreads}u;
      let row = local / ${columnThreads}u;
      let firstRow = group.x * ${groupRows}u;
      let firstColumn = group.y * ${groupColumns}u;
      let slab = p.firstSlab + group.z;
      let start = slab * p.perSlab;
      let end = min(start + p.perSlab, p.voxels);
      let loadRow = local % ${Math.min(groupRows, threads)}u;
      let loadVoxel = local / ${Math.min(groupRows, threads)}u;
      ${range(rowsEach)
        .map(
          (r) => `let ownRow${r} = (firstRow + loadRow + ${r * threads}u) * 4u;
      let offset${r} = offsetOf(ownRow${r});`,
        )
        .join("\n")}
      // The output voxel that this thread loads next, stepped along instead of being divided out each time.
      var at = vec3u((start + loadVoxel) / (p.outputY * p.outputX), (start + loadVoxel) / p.outputX % p.outputY, (start + loadVoxel) % p.outputX);
      ${m.flatMap((i) => n.flatMap((j) => range(4).map((r) => `var sum${i}_${r}_${j} = vec4f();`))).join("\n")}

      for (var first = start; first < end; first += ${chunk}u) {
        for (var i = loadVoxel; i < ${chunk}u; i += ${voxelsAtOnce}u) {
          let isUsed = first + i < end;
          let place = vec3i(at * p.stride);
          ${range(rowsEach)
            .map(
              (r) => `{
            var value = vec4f();
            if (isUsed) { value = inputAt(place, ownRow${r}, offset${r}); }
            tileX[i * ${groupRows}u + loadRow + ${r * threads}u] = value;
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
        for (var i = local; i < ${chunk * groupColumns}u; i += ${threads}u) {
          let voxel = first + i / ${groupColumns}u;
          var value = vec4f();
          if (voxel < end) { value = gradientAt(voxel, firstColumn + i % ${groupColumns}u); }
          tileY[i] = value;
        }
        workgroupBarrier();
        for (var v = 0u; v < ${chunk}u; v++) {
          ${n.map((j) => `let y${j} = tileY[v * ${groupColumns}u + column + ${j * columnThreads}u];`).join("\n")}
          ${m
            .map(
              (i) => `let x${i} = tileX[v * ${groupRows}u + row + ${i * rowThreads}u];
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
            if (quad < p.columns) { partials[(slab * p.rows + own) * p.columns + quad] = sum${i}_${r}_${j}; }
          }`,
            )
            .join("\n")}
        }
      }`,
          ),
        )
        .join("\n")}`,
  };
}

interface Slabs {
  readonly partials: Scratch;
  readonly dw: TensorInfo;
  readonly slabs: number;
  readonly rows: number;
  readonly outputs: number;
  readonly all: number;
  readonly channels: number;
  readonly firstChannel: number;
  readonly taps: number;
}

/** Adds the slabs' partial sums in their order into [O, I, taps], with zeros outside of the channel range. */
function addSlabs(backend: GpuBackend, { partials, dw, ...parameters }: Slabs): void {
  const { taps, all, outputs } = parameters;
  const count = taps * all * outputs;
  const pitch = quads(outputs) * 4;
  backend.run(addSlabsProgram, { partials, dw }, { ...parameters, pitch, count }, Math.ceil(count / 64));
}

const addSlabsProgram: Program = {
  key: "filterGradient slabs",
  reads: { partials: "f32" },
  writes: { dw: "f32" },
  parameters: {
    slabs: "u32",
    rows: "u32",
    outputs: "u32",
    pitch: "u32",
    all: "u32",
    channels: "u32",
    firstChannel: "u32",
    taps: "u32",
    count: "u32",
  },
  threads: 64,
  body: `
    if (index >= p.count) { return; }
    let output = index % p.outputs;
    let rest = index / p.outputs;
    let channel = rest % p.all;
    let tap = rest / p.all;
    var sum = 0.0;
    if (channel >= p.firstChannel && channel < p.firstChannel + p.channels) {
      let row = tap * p.channels + channel - p.firstChannel;
      for (var slab = 0u; slab < p.slabs; slab++) { sum += partials[(slab * p.rows + row) * p.pitch + output]; }
    }
    dw[(output * p.all + channel) * p.taps + tap] = sum;`,
};
