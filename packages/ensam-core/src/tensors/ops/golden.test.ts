import { expect, test } from "vitest";
import { conv3d, diceCrossEntropy, rotations, splitGradient, tf, upsample2 } from "../index.ts";
import { describeOnDevicesAndConvolutions } from "../testing/devices.ts";
import { featureMap, type GoldenTensor, goldenError, plain, readGolden } from "../testing/golden.ts";
import { instanceNormRelu } from "./instanceNormRelu.ts";

const read = (name: string) => readGolden(new URL(`../fixtures/${name}.safetensors`, import.meta.url));

describeOnDevicesAndConvolutions("golden operators", () => {
  const convolutions = [
    { file: "op_conv3", stride: 1, hasBias: false },
    { file: "op_strided_conv", stride: 2, hasBias: false },
    { file: "op_mask_conv", stride: 2, hasBias: true },
  ] as const;

  test.each(convolutions)("$file: values and gradients are PyTorch's", ({ file, stride, hasBias }) => {
    const golden = read(file);
    const x = featureMap(golden["input.x"]!);
    const weight = plain(golden["param.weight"]!);
    const bias = hasBias ? plain(golden["param.bias"]!) : undefined;
    const variables = [x, weight, ...(bias ? [bias] : [])];
    const { outputs, backward } = splitGradient(() => [conv3d(x, weight, { stride, bias })], variables);
    const [dx, dWeight, dBias] = backward([featureMap(golden.grad_output!)]);
    expect(goldenError(outputs[0]!, golden.output!)).toBeLessThan(1e-5);
    expect(goldenError(dx!, golden["grad.x"]!)).toBeLessThan(1e-5);
    expect(goldenError(dWeight!, golden["grad.weight"]!)).toBeLessThan(1e-5);
    if (hasBias) expect(goldenError(dBias!, golden["grad.bias"]!)).toBeLessThan(1e-5);
  });

  /** The inputs of scripts/golden-convolutions.py: multiples of 1/1024 in [-1, 1). */
  const numbers = (shape: number[], seed: number, factor = 1): GoldenTensor => {
    const value = (_: number, i: number) => ((i * 7919 + Math.floor(i / 13) * 104729 + seed * 6007) % 2048) - 1024;
    return { shape, data: new Float32Array(tf.util.sizeFromShape(shape)).map(value).map((n) => (n / 1024) * factor) };
  };

  test.each([
    { channels: 16, outputs: 24, grid: [5, 6, 7] },
    { channels: 32, outputs: 16, grid: [9, 7, 5] },
  ])("op_conv3_wide $channels to $outputs: values and gradients are PyTorch's", ({ channels, outputs, grid }) => {
    const golden = read("op_conv3_wide");
    const results = (name: string) => golden[`${channels}_${outputs}_${grid.join("x")}.${name}`]!;
    const x = featureMap(numbers([channels, ...grid], 1));
    const weight = plain(numbers([outputs, channels, 3, 3, 3], 2, 1 / 4));
    const { outputs: values, backward } = splitGradient(() => [conv3d(x, weight)], [x, weight]);
    const [dx, dWeight] = backward([featureMap(numbers([outputs, ...grid], 3))]);
    expect(goldenError(values[0]!, results("output"))).toBeLessThan(1e-5);
    expect(goldenError(dx!, results("grad.x"))).toBeLessThan(1e-5);
    expect(goldenError(dWeight!, results("grad.weight"))).toBeLessThan(1e-5);
  });

  test("op_instance_norm: values and gradients are PyTorch's, with a constant channel and one far from zero", () => {
    const golden = read("op_instance_norm");
    const x = featureMap(golden["input.x"]!);
    const gain = plain(golden["param.norm1.weight"]!);
    const shift = plain(golden["param.norm1.bias"]!);
    // The golden operator has no ReLU: both signs of gain and shift give its positive and its negative part.
    const whole = () => tf.sub(instanceNormRelu(x, gain, shift), instanceNormRelu(x, tf.neg(gain), tf.neg(shift)));
    const { outputs, backward } = splitGradient(() => [tf.tidy(whole)], [x, gain, shift]);
    const [dx, dGain, dShift] = backward([featureMap(golden.grad_output!)]);
    expect(goldenError(outputs[0]!, golden.output!)).toBeLessThan(5e-4);
    expect(goldenError(dx!, golden["grad.x"]!)).toBeLessThan(5e-4);
    expect(goldenError(dGain!, golden["grad.norm1.weight"]!)).toBeLessThan(5e-4);
    expect(goldenError(dShift!, golden["grad.norm1.bias"]!)).toBeLessThan(5e-4);
  });

  test.each(["op_upsample", "op_upsample_flat"])("%s: values and gradients are PyTorch's", (file) => {
    const golden = read(file);
    const x = featureMap(golden["input.x"]!);
    const { outputs, backward } = splitGradient(() => [upsample2(x)], [x]);
    const [dx] = backward([featureMap(golden.grad_output!)]);
    expect(goldenError(outputs[0]!, golden.output!)).toBeLessThan(1e-5);
    expect(goldenError(dx!, golden["grad.x"]!)).toBeLessThan(1e-5);
  });

  test.each(["op_rotation_16", "op_rotation_32"])("%s: float64 inside leaves float32 rounding only", (file) => {
    const golden = read(file);
    const generators = plain(golden["param.generators"]!);
    const points = plain(golden["input.points"]!);
    const { outputs, backward } = splitGradient(() => [rotations(points, generators)], [generators]);
    const [dGenerators] = backward([plain(golden.grad_output!)]);
    expect(goldenError(outputs[0]!, golden.output!)).toBeLessThan(1e-6);
    expect(goldenError(dGenerators!, golden["grad.generators"]!)).toBeLessThan(1e-6);
  });

  test.each(["mixed", "empty", "saturated", "perfect"])("op_loss %s: parts and gradient are MONAI's", (part) => {
    const golden = read("op_loss");
    const logits = plain(golden[`${part}.logits`]!);
    const target = plain(golden[`${part}.target`]!);
    const { outputs, backward } = splitGradient(() => [diceCrossEntropy(logits, target)], [logits]);
    const [dLogits] = backward([tf.tensor1d([1, 0, 0])]);
    expect(goldenError(outputs[0]!, golden[`${part}.loss`]!)).toBeLessThan(1e-5);
    if (part === "perfect") {
      const largest = Math.max(...dLogits!.dataSync().map(Math.abs));
      expect(largest).toBeLessThanOrEqual(1e-30);
    } else {
      expect(goldenError(dLogits!, golden[`${part}.grad`]!)).toBeLessThan(1e-5);
    }
  });
});
