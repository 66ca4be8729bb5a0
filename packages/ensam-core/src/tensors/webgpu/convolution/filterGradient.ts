import type { GpuBackend, Scratch, TensorInfo } from "../runtime/backend.ts";
import type { Arithmetic } from "../runtime/convolutionSettings.ts";
import type { Program } from "../runtime/program.ts";
import { withF16Scale } from "./f16Scale.ts";
import { filterByMatrices } from "./filterByMatrices.ts";
import { filterByVectors } from "./filterByVectors.ts";
import type { FilterLayout } from "./filterShader.ts";
import { macsPerSubmit } from "./gatherConvolution.ts";
import { arithmeticFor } from "./precision.ts";
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

/** A program for slabs of voxels, with what a workgroup does. */
interface Chosen {
  readonly program: Program;
  /** Of [taps * channels, outputs]. */
  readonly groupRows: number;
  readonly groupColumns: number;
  /** Voxels that it takes into its memory at once. */
  readonly chunk: number;
}

/** Workgroups that are enough for any GPU, and voxels that are worth a workgroup. */
const enoughGroups = 1024;
const leastVoxels = 512;
/** Multiply-accumulates of one dispatch at most: 0.3 s on a GPU that manages 1 TFLOP/s. */
const macsPerDispatch = 1.5e11;

/**
 * The gradient of a convolution's weight: a matrix product over all voxels, [taps * channels, voxels] · [voxels,
 * outputs]. Each slab of voxels gives a partial sum, and these are added in their order, so the result does not depend
 * on timing.
 */
export function filterGradient(backend: GpuBackend, g: FilterGradient): TensorInfo {
  const [outputs, all, k] = g.weightShape as [number, number, number];
  const channels = g.x.shape[4]!;
  const [inputZ, inputY, inputX] = g.x.shape.slice(1, 4) as [number, number, number];
  const [z, outputY, outputX] = g.dy.shape.slice(1, 4) as [number, number, number];
  const voxels = z * outputY * outputX;
  const rows = k ** 3 * channels;
  const columns = quads(outputs);
  const arithmetic = arithmeticFor(backend.convolutions, voxels, outputs);
  const { program, groupRows, groupColumns, chunk } = choose(arithmetic, channels, outputs);
  const rowGroups = Math.ceil(rows / groupRows);
  const columnGroups = Math.ceil(outputs / groupColumns);
  const slabs = Math.max(
    1,
    Math.min(Math.ceil(enoughGroups / (rowGroups * columnGroups)), Math.ceil(voxels / leastVoxels)),
  );
  const perSlab = Math.ceil(voxels / slabs / chunk) * chunk;
  const dw = backend.output([...g.weightShape]);
  const run = (scale?: Scratch) =>
    backend.borrow(slabs * rows * columns * 4, (partials) => {
      const slabsPerDispatch = Math.max(1, Math.floor(macsPerDispatch / (perSlab * rows * outputs)));
      for (let slab = 0; slab < slabs; slab += slabsPerDispatch) {
        const parameters = {
          ...{ inputZ, inputY, inputX, outputY, outputX, stride: g.stride, padding: k === 3 ? 1 : 0, kernel: k },
          ...{ channels, outputs, columns, rows, voxels, perSlab, firstSlab: slab },
        };
        const count = Math.min(slabsPerDispatch, slabs - slab);
        const buffers = { x: g.x, dy: g.dy, partials, ...(scale && { scale }) };
        backend.run(program, buffers, parameters, [rowGroups, columnGroups, count]);
        if (count * perSlab * rows * outputs > macsPerSubmit) backend.flush();
      }
      addSlabs(backend, { partials, dw, slabs, rows, outputs, all, channels, firstChannel: g.from, taps: k ** 3 });
    });
  if (arithmetic.precision === "f32") run();
  else withF16Scale(backend, g.dy, run);
  return dw;
}

function choose(arithmetic: Arithmetic, channels: number, outputs: number): Chosen {
  const layout: FilterLayout = { hasQuads: channels % 4 === 0, readsQuads: outputs % 4 === 0 };
  if (arithmetic.precision === "matrix") return filterByMatrices(arithmetic.unit, layout, outputs);
  return filterByVectors(layout, outputs, arithmetic.precision === "f16");
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
