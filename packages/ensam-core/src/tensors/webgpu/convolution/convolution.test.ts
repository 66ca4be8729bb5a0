import fc from "fast-check";
import { test } from "vitest";
import { type Conv3dOptions, conv3d } from "../../ops/conv3d.ts";
import { expectSame, type Given, given } from "../testing/compare.ts";
import { describeOnWebgpu } from "../testing/software.ts";

interface Case {
  kernel: number;
  stride: 1 | 2;
  size: [number, number, number];
  channels: number;
  outputs: number;
  hasBias: boolean;
  hasAddend: boolean;
  /** Input channels of the weight before and behind those of x. */
  around: [number, number];
}

// Each new combination of tile and alignment costs a software adapter a second of compiling.
const channelCounts = fc.constantFrom(1, 3, 4, 16, 18, 36);
const cases: fc.Arbitrary<Case> = fc
  .record({
    kernelAndStride: fc.constantFrom<[number, 1 | 2][]>([3, 1], [3, 2], [2, 2], [1, 1]),
    size: fc.tuple(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 2, max: 6 }), fc.integer({ min: 2, max: 13 })),
    channels: channelCounts,
    outputs: channelCounts,
    hasBias: fc.boolean(),
    hasAddend: fc.boolean(),
    around: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })),
  })
  .map(({ kernelAndStride: [kernel, stride], ...rest }) => ({ kernel, stride, ...rest }));

function inputsOf({ kernel, stride, size, channels, outputs, hasBias, hasAddend, around }: Case): Given[] {
  const out = size.map((n) => Math.floor((n + (kernel === 3 ? 2 : 0) - kernel) / stride) + 1);
  const inputs = [
    given([1, ...size, channels], 1),
    given([outputs, channels + around[0] + around[1], kernel, kernel, kernel], 2, 0.2),
  ];
  if (hasBias) inputs.push(given([outputs], 3));
  if (hasAddend) inputs.push(given([1, ...out, outputs], 4));
  return inputs;
}

function opOf({ stride, hasBias, around, hasAddend }: Case) {
  return (...tensors: Parameters<typeof conv3d>[0][]) => {
    const options: Conv3dOptions = { stride, from: around[0] };
    if (hasBias) options.bias = tensors[2]!;
    if (hasAddend) options.addend = tensors[hasBias ? 3 : 2]!;
    return conv3d(tensors[0]!, tensors[1]!, options);
  };
}

/** Fixed: where a ReLU stands on its edge, the devices' rounding decides. */
const seed = 1;

await describeOnWebgpu("convolution", () => {
  test("any channels, sizes, kernels and strides, and the gradients", async () => {
    await fc.assert(
      fc.asyncProperty(cases, (c) => expectSame(opOf(c), inputsOf(c))),
      { numRuns: 40, seed },
    );
  });
});
