import { tf } from "@ensam/core/tensors";
import type { Zyx } from "@ensam/core/voxels";
import type { Head, OperatorRow, Pass } from "./benchRows.ts";
import { measure, type Timing } from "./benchTiming.ts";
import { createMaps } from "./randomMaps.ts";
import { runKernel } from "./runKernel.ts";

export interface Convolution {
  /** Where the model has it. */
  name?: string;
  grid: Zyx;
  inputs: number;
  outputs: number;
  kernel: number;
  stride: 1 | 2;
}

/** Times a convolution and both its gradients on the current device, which must have kernels for them. */
export async function* timeConvolution(
  head: Head,
  convolution: Convolution,
  timing: Timing,
): AsyncGenerator<OperatorRow> {
  const { grid, inputs, outputs, kernel, stride } = convolution;
  const maps = createMaps();
  try {
    const out = grid.map((n) => n / stride) as unknown as Zyx;
    const x = maps.random([1, ...grid, inputs]);
    const dy = maps.random([1, ...out, outputs]);
    const weight = maps.random([outputs, inputs, kernel, kernel, kernel]);
    const base = { stride, from: 0 };
    const passes: [Pass, () => unknown][] = [
      ["forward", () => runKernel("EnsamConv3d", { x, weight }, base)],
      [
        "input gradient",
        () => runKernel("EnsamConv3dInputGradient", { dy, weight }, { ...base, channels: inputs, inputShape: x.shape }),
      ],
      [
        "filter gradient",
        () => runKernel("EnsamConv3dFilterGradient", { x, dy }, { ...base, weightShape: weight.shape }),
      ],
    ];
    const flops = flopsOf(convolution);
    for (const [pass, run] of passes) {
      const { median: seconds, fastest, slowest } = await measure(() => tf.tidy(() => void run()), timing);
      const operator = convolutionWords(convolution);
      yield {
        ...{ type: "operator", ...head, operator, grid, pass },
        ...{ seconds, fastest, slowest, gflops: flops / seconds / 1e9 },
      };
    }
  } finally {
    maps.dispose();
  }
}

/** Operations of one pass; a multiply-accumulate counts as two. */
export function flopsOf({ grid, inputs, outputs, kernel, stride }: Convolution): number {
  return (2 * grid[0] * grid[1] * grid[2] * kernel ** 3 * inputs * outputs) / stride ** 3;
}

/** decoder 0: conv 3³ 32→16 */
export function convolutionWords({ name, inputs, outputs, kernel, stride }: Convolution): string {
  return `${name === undefined ? "" : `${name}: `}conv ${kernel}³ ${inputs}→${outputs}${stride === 2 ? " /2" : ""}`;
}
