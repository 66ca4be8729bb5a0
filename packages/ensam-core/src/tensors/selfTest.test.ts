import { afterEach, beforeEach, expect, test } from "vitest";
import { openDevice, selfTest, selfTestTolerance, tf } from "./index.ts";

/** The stock backend under another name, so that kernels can be given to it without harm. */
function registerTrial(): void {
  tf.registerBackend("trial", tf.findBackendFactory("cpu"));
  tf.copyRegisteredKernels("cpu", "trial");
}

let kernels: string[] = [];
const register = (kernelName: string, kernelFunc: (inputs: Record<string, tf.Tensor>) => tf.Tensor | tf.Tensor[]) => {
  kernels.push(kernelName);
  tf.registerKernel({
    kernelName,
    backendName: "trial",
    kernelFunc: ({ inputs }) => tf.tidy(() => kernelFunc(inputs as Record<string, tf.Tensor>)),
  });
};

beforeEach(async () => {
  await openDevice("cpu");
  registerTrial();
  await tf.setBackend("trial");
});
afterEach(async () => {
  for (const name of kernels) tf.unregisterKernel(name, "trial");
  kernels = [];
  await tf.setBackend("cpu");
  for (const { kernelName } of tf.getKernelsForBackend("trial")) tf.unregisterKernel(kernelName, "trial");
  tf.removeBackend("trial");
});

const failed = async () => (await selfTest()).filter(({ passed }) => !passed);
const unit = (x: tf.Tensor) => tf.div(x, tf.sqrt(tf.sum(tf.square(x), -1, true)));
const unitGradient = (dy: tf.Tensor, x: tf.Tensor) => {
  const y = unit(x);
  const along = tf.mul(y, tf.sum(tf.mul(dy, y), -1, true));
  return tf.div(tf.sub(dy, along), tf.sqrt(tf.sum(tf.square(x), -1, true)));
};

test("the composed forms agree with themselves, and the device stays current without tensors left over", async () => {
  const before = tf.memory().numTensors;
  const checks = await selfTest();
  expect(checks.map(({ operator }) => operator.split(" ")[0])).toEqual(
    expect.arrayContaining([
      "conv3d",
      "instanceNormRelu",
      "normReluConv3d",
      "upsampledNormReluConv3d",
      "upsample2",
      "channelRmsGelu",
      "diceCrossEntropy",
      "linear",
      "unit",
      "stepOnSphere",
      "scaleRotate",
      "attend",
      "rotations",
      "adamwUpdate",
      "muonUpdate",
      "scaledSum",
      "globalNorm",
    ]),
  );
  for (const check of checks) expect(check).toMatchObject({ valueError: 0, passed: true });
  const isUpdate = (name: string) => /^(adamwUpdate|muonUpdate|scaledSum|globalNorm)\b/.test(name);
  for (const { operator, gradientError } of checks) expect(gradientError, operator).toBe(isUpdate(operator) ? null : 0);
  expect(tf.getBackend()).toBe("trial");
  expect(tf.memory().numTensors).toBe(before);
});

test("a right kernel passes", async () => {
  register("EnsamUnit", ({ x }) => unit(x!));
  register("EnsamUnitGradient", ({ dy, x }) => unitGradient(dy!, x!));
  expect(await failed()).toEqual([]);
});

test("a wrong value is found, and in which operator", async () => {
  register("EnsamUnit", ({ x }) => tf.mul(unit(x!), 1.01));
  register("EnsamUnitGradient", ({ dy, x }) => unitGradient(dy!, x!));
  const [check, ...others] = await failed();
  expect(others).toEqual([]);
  expect(check!.operator).toBe("unit");
  expect(check!.valueError).toBeCloseTo(0.01, 3);
  expect(check!.gradientError).toBeLessThan(selfTestTolerance);
});

test("a wrong gradient is found where the value is right", async () => {
  register("EnsamUnit", ({ x }) => unit(x!));
  register("EnsamUnitGradient", ({ dy }) => tf.clone(dy!));
  const [check, ...others] = await failed();
  expect(others).toEqual([]);
  expect(check!.operator).toBe("unit");
  expect(check!.valueError).toBeLessThan(1e-6);
  expect(check!.gradientError).toBeGreaterThan(selfTestTolerance);
});

test("a wrong update is found", async () => {
  register("EnsamScaledSum", ({ x, y }) => tf.add(x!, y!));
  expect(await failed()).toMatchObject([{ operator: "scaledSum", gradientError: null, passed: false }]);
});

test("a kernel that throws, one without a gradient and one that gives NaN are told apart", async () => {
  register("EnsamUnit", () => {
    throw new Error("the shader does not compile");
  });
  register("EnsamUpsample2", ({ x }) =>
    tf.mul(tf.ones([1, ...x!.shape.slice(1, 4).map((n) => 2 * n), x!.shape[4]!]), Number.NaN),
  );
  register("EnsamUpsample2Gradient", ({ dy }) => tf.avgPool3d(dy as tf.Tensor5D, 2, 2, "valid"));
  register("EnsamChannelRmsGelu", ({ x }) => tf.relu(x!));
  const checks = await failed();
  const of = (name: string) => checks.find(({ operator }) => operator === name);
  expect(of("unit")).toMatchObject({ valueError: null, failure: "the shader does not compile" });
  expect(of("upsample2")).toMatchObject({ valueError: null, failure: expect.stringContaining("not finite") });
  expect(of("channelRmsGelu")!.failure).toContain("EnsamChannelRmsGeluGradient");
  expect(tf.getBackend()).toBe("trial");
});
