import type { Zyx } from "../../../geometry/index.ts";
import { type GpuBackend, type Scratch, spread, type TensorInfo } from "../runtime/backend.ts";
import type { Arithmetic } from "../runtime/convolutionSettings.ts";
import type { Program } from "../runtime/program.ts";
import { gatherByMatrices } from "./gatherByMatrices.ts";
import { gatherByVectors } from "./gatherByVectors.ts";
import type { GatherLayout } from "./gatherShader.ts";
import { matrixGroup } from "./matrixUnit.ts";
import { arithmeticFor } from "./precision.ts";
import { quads, type Tile, tileFor } from "./tiles.ts";

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
  /** From `withF16Scale`, for an x that may be out of the range of f16. */
  readonly scale?: Scratch | undefined;
}

/** A program for a convolution, with the rows and the groups of columns of its workgroups. */
interface Chosen {
  readonly program: Program;
  readonly rowsPerGroup: number;
  readonly columnGroups: number;
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
  const settings = backend.convolutions;
  const arithmetic: Arithmetic = tile === undefined ? arithmeticFor(settings, rows, c.outputs) : { precision: "f32" };
  const chosenTile = tile ?? tileFor(settings, rows, c.outputs);
  const { program, rowsPerGroup, columnGroups } = choose(c, arithmetic, chosenTile);
  const groups = Math.ceil(rows / rowsPerGroup);
  const macsPerGroup = rowsPerGroup * depth * c.outputs;
  const perDispatch = Math.max(1, Math.min(groups, Math.floor(macsPerDispatch / macsPerGroup)));
  // What is not there is bound to something that is, and not read.
  const { x, weights, y, bias = weights, addend = weights, scale = weights } = c;
  const buffers = { x, weights, bias, addend, y, scale };
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
      hasScale: c.scale === undefined ? 0 : 1,
      firstGroup: from,
    };
    backend.run(program, buffers, parameters, [x, y, columnGroups]);
    if (count * macsPerGroup > macsPerSubmit) backend.flush();
  }
}

function choose(c: GatherConvolution, arithmetic: Arithmetic, tile: Tile): Chosen {
  const layout: GatherLayout = { hasQuads: c.channels % 4 === 0, writesQuads: c.outputs % 4 === 0 };
  if (arithmetic.precision === "matrix") {
    const group = matrixGroup(arithmetic.unit, c.outputs);
    return {
      program: gatherByMatrices(arithmetic.unit, layout, c.outputs),
      rowsPerGroup: group.rows,
      columnGroups: Math.ceil(c.outputs / group.columns),
    };
  }
  return {
    program: gatherByVectors(tile, layout, arithmetic.precision === "f16"),
    rowsPerGroup: tile.rowThreads * tile.rows,
    columnGroups: Math.ceil(quads(c.outputs) / (tile.columnThreads * tile.quads)),
  };
}

function axes(name: string, [z, y, x]: Zyx): Record<string, number> {
  return { [`${name}Z`]: z, [`${name}Y`]: y, [`${name}X`]: x };
}
