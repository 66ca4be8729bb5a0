import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../devices/device.ts";
import { type Conv3dOptions, conv3d } from "../ops/conv3d.ts";
import { instanceNormRelu } from "../ops/instanceNormRelu.ts";
import { normReluConv3d } from "../ops/normReluConv3d.ts";
import { usesWinograd } from "./convolutionChoice.ts";
import { openWasm } from "./openWasm.ts";
import { evaluate, evaluateOnCpu, type Given, given, relativeError, withWasm } from "./testing/compareDevices.ts";

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

const channelCounts = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(12, 13, 16, 17, 20, 24, 29, 32));
const cases: fc.Arbitrary<Case> = fc
  .record({
    kernelAndStride: fc.constantFrom<[number, 1 | 2][]>([3, 1], [3, 2], [2, 2], [1, 1]),
    size: fc.tuple(fc.integer({ min: 2, max: 7 }), fc.integer({ min: 2, max: 7 }), fc.integer({ min: 2, max: 19 })),
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

describe.each([
  { build: "plain", convolution: "winograd" },
  { build: "relaxed", convolution: "winograd" },
  { build: "relaxed", convolution: "direct" },
] as const)("the $build build, $convolution convolutions", ({ build, convolution }) => {
  let device: Device;
  beforeAll(async () => {
    device = await openWasm({ threads: 2, build, convolution });
  });
  afterAll(() => device.dispose());

  test("convolves like the composed form, any channels, sizes, kernels, and so do the gradients", () => {
    fc.assert(
      fc.property(cases, (c) => {
        const inputs = inputsOf(c);
        const actual = evaluate(opOf(c), inputs, 5);
        const expected = evaluateOnCpu(opOf(c), inputs, 5);
        expect(relativeError(actual.output, expected.output)).toBeLessThan(1e-5);
        actual.gradients.forEach((gradient, i) => {
          expect(relativeError(gradient, expected.gradients[i]!), `gradient ${i}`).toBeLessThan(1e-4);
        });
      }),
      { numRuns: 40 },
    );
  });
});

const wide: Case = {
  ...{ kernel: 3, stride: 1, size: [8, 8, 8], channels: 16, outputs: 16, hasBias: false, hasAddend: false },
  around: [0, 0],
};
// The filter gradient keeps sums by slabs for few channels, goes point by point for many; both in parts of the map.
const manyChannels: Case = { ...wide, size: [20, 9, 7], channels: 40, outputs: 36, hasBias: true, hasAddend: true };
const fewChannels: Case = { ...manyChannels, size: [9, 13, 30], channels: 12, outputs: 20 };

test("with many channels, too, Winograd's convolution and its gradients are the composed form's", async () => {
  const inputs = inputsOf(manyChannels);
  const expected = evaluateOnCpu(opOf(manyChannels), inputs, 5);
  const actual = await withWasm({ threads: 2, convolution: "winograd" }, () => evaluate(opOf(manyChannels), inputs, 5));
  expect(relativeError(actual.output, expected.output)).toBeLessThan(1e-5);
  actual.gradients.forEach((gradient, i) => {
    expect(relativeError(gradient, expected.gradients[i]!), `gradient ${i}`).toBeLessThan(1e-4);
  });
});

test.each([fewChannels, manyChannels])("by Winograd's points, no number of threads changes a bit", async (shape) => {
  const run = (threads: number) =>
    withWasm({ threads, convolution: "winograd" }, () => evaluate(opOf(shape), inputsOf(shape), 5));
  const bytes = ({ output, gradients }: Awaited<ReturnType<typeof run>>) =>
    Buffer.concat(
      [output, ...gradients].map((values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
    );
  const alone = bytes(await run(1));
  for (const threads of [2, 3]) expect(bytes(await run(threads)).equals(alone)).toBe(true);
});

test("auto and direct convolutions differ, by rounding alone", async () => {
  const run = (convolution: "auto" | "direct") =>
    withWasm({ threads: 1, convolution }, () => evaluate(opOf(wide), inputsOf(wide), 5).output);
  const [automatic, direct] = [await run("auto"), await run("direct")];
  expect(relativeError(automatic, direct)).toBeGreaterThan(0);
  expect(relativeError(automatic, direct)).toBeLessThan(1e-5);
});

test.each([
  ["auto", { ...fewChannels, channels: 12 }],
  ["auto", manyChannels],
  ["winograd", { ...fewChannels, channels: 7, outputs: 5 }],
  ["direct", fewChannels],
  ["auto", { ...fewChannels, kernel: 1 }],
] as const)(
  "a norm + ReLU that the convolution computes as it reads has the bits of one before it: %s",
  async (convolution, shape) => {
    const { channels, around } = shape as Case;
    const from = around[0];
    const inputs = [...inputsOf({ ...shape, hasBias: false, hasAddend: true } as Case)];
    inputs.push(given([channels], 6), given([channels], 7));
    const [inOne, apart] = await withWasm({ threads: 2, convolution }, () => [
      evaluate(
        (x, w, addend, gain, shift) => normReluConv3d(x!, gain!, shift!, w!, { from, addend: addend! }),
        inputs,
        5,
      ),
      evaluate(
        (x, w, addend, gain, shift) => conv3d(instanceNormRelu(x!, gain!, shift!), w!, { from, addend }),
        inputs,
        5,
      ),
    ]);
    expect(inOne!.output).toEqual(apart!.output);
    expect(inOne!.gradients).toEqual(apart!.gradients);
  },
);

test("the shape alone says which convolutions go by Winograd's points", () => {
  const grid = [8, 8, 8] as const;
  expect(usesWinograd("auto", { grid, channels: 16, outputs: 8 })).toBe(true);
  expect(usesWinograd("auto", { grid, channels: 1, outputs: 16 })).toBe(false);
  expect(usesWinograd("direct", { grid, channels: 16, outputs: 8 })).toBe(false);
  expect(usesWinograd("winograd", { grid, channels: 1, outputs: 3 })).toBe(true);
});
