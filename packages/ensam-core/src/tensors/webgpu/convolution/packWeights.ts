import type { GpuBackend, Scratch, TensorInfo } from "../runtime/backend.ts";
import type { Program } from "../runtime/program.ts";
import { quads } from "./tiles.ts";

/** Which weights, of [O, I, k, k, k], to lay out for `gatherConvolution`, and how. */
export interface Packing {
  readonly weight: TensorInfo;
  /** Weights between two of the convolution's output channels, and how many of those there are. */
  readonly outputStride: number;
  readonly outputs: number;
  /** The same for its input channels. */
  readonly channelStride: number;
  readonly channels: number;
  /** The first weight: where the used input channels begin. */
  readonly from: number;
  readonly kernel: number;
  /** Along each axis (z, y, x) the kernel's positions: the first, the step to the next, and their count. */
  readonly taps: readonly (readonly [first: number, step: number, count: number])[];
}

/** Floats of the packed weights. */
function packedSize({ taps, channels, outputs }: Packing): number {
  return taps.reduce((product, [, , count]) => product * count, 1) * channels * quads(outputs) * 4;
}

/**
 * Weights as [taps][channels][quads(outputs)] vectors of 4, with zeros behind the last output channel. Packed once and
 * kept as long as the weights: in every interaction of a step they are the same.
 */
export function packedWeights(backend: GpuBackend, packing: Packing): Scratch {
  const { weight, taps, kernel: _, ...numbers } = packing;
  const name = `packed ${Object.values(numbers).join()} ${taps.join(" ")}`;
  return backend.derivedMemory(weight, name, packedSize(packing), (packed) => packWeights(backend, packing, packed));
}

function packWeights(backend: GpuBackend, packing: Packing, packed: Scratch): void {
  const { weight, outputStride, outputs, channelStride, channels, from, kernel, taps } = packing;
  const [z, y, x] = taps as [Packing["taps"][0], Packing["taps"][0], Packing["taps"][0]];
  const vectors = packedSize(packing) / 4;
  backend.run(
    program,
    { weight, packed },
    {
      firstTap: (z[0] * kernel + y[0]) * kernel + x[0],
      stepZ: z[1] * kernel * kernel,
      stepY: y[1] * kernel,
      stepX: x[1],
      countY: y[2],
      countX: x[2],
      outputStride,
      outputs,
      outputQuads: quads(outputs),
      channelStride,
      channels,
      firstWeight: from,
      vectors,
    },
    Math.ceil(vectors / 64),
  );
}

const program: Program = {
  key: "packWeights",
  reads: { weight: "f32" },
  writes: { packed: "vec4f" },
  parameters: {
    firstTap: "i32",
    stepZ: "i32",
    stepY: "i32",
    stepX: "i32",
    countY: "u32",
    countX: "u32",
    outputStride: "u32",
    outputs: "u32",
    outputQuads: "u32",
    channelStride: "u32",
    channels: "u32",
    firstWeight: "u32",
    vectors: "u32",
  },
  threads: 64,
  body: `
    if (index >= p.vectors) { return; }
    let quad = index % p.outputQuads;
    let row = index / p.outputQuads;
    let channel = row % p.channels;
    let tap = row / p.channels;
    let z = i32(tap / (p.countY * p.countX));
    let y = i32(tap / p.countX % p.countY);
    let x = i32(tap % p.countX);
    let at = p.firstWeight + channel * p.channelStride + u32(p.firstTap + z * p.stepZ + y * p.stepY + x * p.stepX);
    var value = vec4f();
    for (var i = 0u; i < 4u; i++) {
      let output = quad * 4u + i;
      if (output < p.outputs) { value[i] = weight[at + output * p.outputStride]; }
    }
    packed[index] = value;`,
};
