import { expect, test } from "vitest";
import { conv3d } from "../ops/conv3d.ts";
import { diceCrossEntropy } from "../ops/diceCrossEntropy.ts";
import { instanceNormRelu } from "../ops/instanceNormRelu.ts";
import { rotations } from "../ops/rotations.ts";
import { upsample2 } from "../ops/upsample2.ts";
import { splitGradient } from "../splitGradient.ts";
import { featureMap, type GoldenTensor, goldenError, plain, readGolden } from "../testing/golden.ts";
import { tf } from "../tf.ts";
import { describeOnWebgpu } from "./testing/software.ts";

const read = (name: string) => readGolden(new URL(`../fixtures/${name}.safetensors`, import.meta.url));

/** `goldenError` of a tensor on the GPU. */
async function errorOf(result: tf.Tensor, golden: GoldenTensor): Promise<number> {
  const values = await result.data();
  tf.setBackend("cpu");
  try {
    return goldenError(tf.tensor(values, result.shape), golden);
  } finally {
    tf.setBackend("webgpu");
  }
}

await describeOnWebgpu("golden operators", () => {
  const convolutions = [
    { file: "op_conv3", stride: 1, hasBias: false },
    { file: "op_strided_conv", stride: 2, hasBias: false },
    { file: "op_mask_conv", stride: 2, hasBias: true },
  ] as const;

  test.each(convolutions)("$file: values and gradients are PyTorch's", async ({ file, stride, hasBias }) => {
    const golden = read(file);
    const x = featureMap(golden["input.x"]!);
    const weight = plain(golden["param.weight"]!);
    const bias = hasBias ? plain(golden["param.bias"]!) : undefined;
    const variables = [x, weight, ...(bias ? [bias] : [])];
    const { outputs, backward } = splitGradient(() => [conv3d(x, weight, { stride, bias })], variables);
    const [dx, dWeight, dBias] = backward([featureMap(golden.grad_output!)]);
    expect(await errorOf(outputs[0]!, golden.output!)).toBeLessThan(1e-5);
    expect(await errorOf(dx!, golden["grad.x"]!)).toBeLessThan(1e-5);
    expect(await errorOf(dWeight!, golden["grad.weight"]!)).toBeLessThan(1e-5);
    if (hasBias) expect(await errorOf(dBias!, golden["grad.bias"]!)).toBeLessThan(1e-5);
  });

  test("op_instance_norm: values and gradients are PyTorch's, with a constant channel and one far from zero", async () => {
    const golden = read("op_instance_norm");
    const x = featureMap(golden["input.x"]!);
    const gain = plain(golden["param.norm1.weight"]!);
    const shift = plain(golden["param.norm1.bias"]!);
    // The golden operator has no ReLU: both signs of gain and shift give its positive and its negative part.
    const whole = () => tf.sub(instanceNormRelu(x, gain, shift), instanceNormRelu(x, tf.neg(gain), tf.neg(shift)));
    const { outputs, backward } = splitGradient(() => [tf.tidy(whole)], [x, gain, shift]);
    const [dx, dGain, dShift] = backward([featureMap(golden.grad_output!)]);
    expect(await errorOf(outputs[0]!, golden.output!)).toBeLessThan(5e-4);
    expect(await errorOf(dx!, golden["grad.x"]!)).toBeLessThan(5e-4);
    expect(await errorOf(dGain!, golden["grad.norm1.weight"]!)).toBeLessThan(5e-4);
    expect(await errorOf(dShift!, golden["grad.norm1.bias"]!)).toBeLessThan(5e-4);
  });

  test.each(["op_upsample", "op_upsample_flat"])("%s: values and gradients are PyTorch's", async (file) => {
    const golden = read(file);
    const x = featureMap(golden["input.x"]!);
    const { outputs, backward } = splitGradient(() => [upsample2(x)], [x]);
    const [dx] = backward([featureMap(golden.grad_output!)]);
    expect(await errorOf(outputs[0]!, golden.output!)).toBeLessThan(1e-5);
    expect(await errorOf(dx!, golden["grad.x"]!)).toBeLessThan(1e-5);
  });

  test.each(["op_rotation_16", "op_rotation_32"])("%s: float32 rounding only", async (file) => {
    const golden = read(file);
    const generators = plain(golden["param.generators"]!);
    const points = plain(golden["input.points"]!);
    const { outputs, backward } = splitGradient(() => [rotations(points, generators)], [generators]);
    const [dGenerators] = backward([plain(golden.grad_output!)]);
    const errors = [
      await errorOf(outputs[0]!, golden.output!),
      await errorOf(dGenerators!, golden["grad.generators"]!),
    ];
    console.log(
      `${file}: rotations within ${errors[0]!.toExponential(1)}, gradient within ${errors[1]!.toExponential(1)}`,
    );
    expect(Math.max(...errors)).toBeLessThan(1e-6);
  });

  test.each(["mixed", "empty", "saturated", "perfect"])("op_loss %s: parts and gradient are MONAI's", async (part) => {
    const golden = read("op_loss");
    const logits = plain(golden[`${part}.logits`]!);
    const target = plain(golden[`${part}.target`]!);
    const { outputs, backward } = splitGradient(() => [diceCrossEntropy(logits, target)], [logits]);
    const [dLogits] = backward([tf.tensor1d([1, 0, 0])]);
    expect(await errorOf(outputs[0]!, golden[`${part}.loss`]!)).toBeLessThan(1e-5);
    if (part === "perfect") {
      const largest = Math.max(...(await dLogits!.data()).map(Math.abs));
      expect(largest).toBeLessThanOrEqual(1e-30);
    } else {
      expect(await errorOf(dLogits!, golden[`${part}.grad`]!)).toBeLessThan(1e-5);
    }
  });
});
