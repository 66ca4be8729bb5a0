import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Device, DeviceUnavailable } from "../../devices/device.ts";
import { openDevice } from "../../devices/openDevice.ts";
import { tf } from "../../tf.ts";
import { openWebgpu } from "../openWebgpu.ts";
import type { GpuBackend } from "../runtime/backend.ts";
import { firstSettings, type Precision } from "../runtime/convolutionSettings.ts";
import { describeOnWebgpu } from "../testing/software.ts";
import { trainOnce } from "../testing/trainOnce.ts";
import { choosePrecision, differenceFromF32, precisionTolerance, setArithmetic } from "./choosePrecision.ts";
import { withF16Scale } from "./f16Scale.ts";
import { matrixGroup, matrixUnitOf } from "./matrixUnit.ts";
import { arithmeticFor } from "./precision.ts";

const unit = { rows: 16, columns: 16, depth: 16, subgroupSize: 32 };

test("matrix units are for large maps of more than four channels", () => {
  const settings = { ...firstSettings, arithmetic: { precision: "matrix", unit } } as const;
  expect(arithmeticFor(settings, 1e6, 16)).toEqual({ precision: "matrix", unit });
  expect(arithmeticFor(settings, 1000, 16)).toEqual({ precision: "f16" });
  expect(arithmeticFor(settings, 1e6, 4)).toEqual({ precision: "f32" });
  expect(arithmeticFor(firstSettings, 1e6, 16)).toEqual({ precision: "f32" });
});

test("a matrix unit multiplies f16 into f32, the largest there is, in subgroups of one size", () => {
  const config = (componentType: string, resultComponentType: string, n: number) => ({
    ...{ componentType, resultComponentType, M: n, N: n, K: n },
  });
  const info = (subgroupMinSize: number, configs: object[]) =>
    ({ subgroupMinSize, subgroupMaxSize: 32, subgroupMatrixConfigs: configs }) as unknown as GPUAdapterInfo;
  const some = [config("f16", "f32", 8), config("f16", "f32", 16), config("f16", "f16", 16), config("i8", "i32", 16)];
  expect(matrixUnitOf(info(32, some))).toEqual(unit);
  expect(matrixUnitOf(info(16, some))).toBeUndefined();
  expect(matrixUnitOf(info(32, some.slice(2)))).toBeUndefined();
  expect(matrixUnitOf({ subgroupMinSize: 32, subgroupMaxSize: 32 } as unknown as GPUAdapterInfo)).toBeUndefined();
});

test("workgroups of matrix units share the columns evenly", () => {
  const columns = (outputs: number) => matrixGroup(unit, outputs).columns;
  // At most 4 fragments of 16 columns: 96 = 2 · 48, 128 = 2 · 64.
  expect([16, 20, 48, 64, 96, 128].map(columns)).toEqual([16, 32, 48, 64, 48, 64]);
});

test("other devices have f32 only", async () => {
  await expect(openDevice("wasm", { precision: "f16" })).rejects.toThrow(
    /^wasm: precision: expected f32 or auto, got f16/,
  );
  const device = await openDevice("cpu", { precision: "auto" });
  expect(device.name).toBe("cpu");
});

await describeOnWebgpu("precision", () => {
  test("scales bring the largest magnitude to between 2^12 and 2^13, exactly", async () => {
    const gpu = tf.backend() as GpuBackend;
    const scaleOf = async (values: Float32Array) => {
      const x = tf.tensor(values);
      const y = tf.engine().makeTensorFromTensorInfo(gpu.output([2]));
      withF16Scale(gpu, x, (scale) => gpu.run(copyTwo, { scale, y }, { count: 2 }, 1));
      const [up, down] = await y.data<"float32">();
      tf.dispose([x, y]);
      return [up!, down!] as const;
    };
    for (const largest of [3e-7, 1, 4096, 9e4, 1e-20, 1e20]) {
      const values = new Float32Array(70_001);
      values[69_998] = -largest;
      values[3] = largest / 3;
      const [up, down] = await scaleOf(values);
      expect(up * down).toBe(1);
      expect(largest * up).toBeGreaterThanOrEqual(4096 * (1 - 1e-6));
      expect(largest * up).toBeLessThan(8192 * (1 + 1e-6));
    }
    expect(await scaleOf(new Float32Array(5))).toEqual([1, 1]);
    expect(await scaleOf(Float32Array.of(1, Number.POSITIVE_INFINITY))).toEqual([1, 1]);
  });

  test("an adapter without it refuses by name, and f32 goes on", async () => {
    const options = { hasF16: false, unit: undefined, adapter: "none", isSoftware: true };
    const choose = (wanted: "f16" | "matrix" | "auto") =>
      choosePrecision(tf.backend() as GpuBackend, { ...options, wanted });
    await expect(choose("f16")).rejects.toThrow("webgpu: precision: expected an adapter with shader-f16");
    await expect(choose("matrix")).rejects.toThrow("webgpu: precision: expected an adapter with matrix units");
    expect(await choose("auto")).toBe("f32");
    expect((tf.backend() as GpuBackend).convolutions.arithmetic).toEqual({ precision: "f32" });
  });
});

const copyTwo = {
  key: "test copyTwo",
  reads: { scale: "f32" },
  writes: { y: "f32" },
  parameters: { count: "u32" },
  threads: 2,
  body: "if (local < p.count) { y[local] = scale[local]; }",
} as const;

/** Software drivers that may have f16: SwiftShader does not. */
const drivers = [
  process.env.ENSAM_TEST_F16_DRIVER,
  "/usr/share/vulkan/icd.d/lvp_icd.json",
  "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json",
].filter((file) => file !== undefined && existsSync(file));

/** With the driver of `drivers` as the only one, opens the device; says why where it cannot. */
async function openPrecise(precision: Precision): Promise<Device | string> {
  const before = process.env.VK_DRIVER_FILES;
  if (drivers.length > 0) process.env.VK_DRIVER_FILES = drivers[0];
  try {
    return await openWebgpu({ precision });
  } catch (error) {
    // One that is there and disagrees is a failure, not a reason to skip.
    if (!(error instanceof DeviceUnavailable) || error.message.includes("agree")) throw error;
    return error.message;
  } finally {
    if (before === undefined) delete process.env.VK_DRIVER_FILES;
    else process.env.VK_DRIVER_FILES = before;
  }
}

for (const precision of ["f16", "matrix"] as const) {
  const opened = await openPrecise(precision);
  if (typeof opened === "string") {
    console.log(`skipped: convolutions in ${precision}: ${opened}`);
    continue;
  }
  opened.dispose();
  describe(`convolutions in ${precision}`, () => {
    let device: Device;
    beforeAll(async () => {
      device = (await openPrecise(precision)) as Device;
    });
    afterAll(() => device.dispose());

    test("differ from f32, by less than 0.002", async () => {
      expect(device.description).toContain(`; ${precision}`);
      const gpu = tf.backend() as GpuBackend;
      const own = gpu.convolutions.arithmetic;
      expect(own.precision).toBe(precision);
      const difference = await differenceFromF32(gpu, own);
      console.log(`convolutions in ${precision}: ${difference.toExponential(1)} from f32`);
      expect(difference).toBeGreaterThan(1e-5);
      expect(difference).toBeLessThanOrEqual(precisionTolerance);
      setArithmetic(gpu, own);
    });

    test("train like f32: loss and gradients of a step", async () => {
      const gpu = tf.backend() as GpuBackend;
      const own = gpu.convolutions.arithmetic;
      setArithmetic(gpu, { precision: "f32" });
      const expected = await trainOnce();
      setArithmetic(gpu, own, 0);
      const got = await trainOnce();
      expect(got.loss).not.toBe(expected.loss);
      expect(Math.abs(got.loss / expected.loss - 1)).toBeLessThan(2e-3);
      // All gradients as one vector: a ReLU on its edge may change single ones by more.
      const flat = ({ gradients }: typeof got) => Object.values(gradients).flatMap((values) => [...values]);
      const [actual, reference] = [flat(got), flat(expected)];
      const error = length(actual.map((value, i) => value - reference[i]!)) / length(reference);
      console.log(
        `a step in ${precision}: loss ${got.loss}, in f32 ${expected.loss}; gradients ${error.toExponential(1)}`,
      );
      expect(error).toBeLessThan(2e-2);
    });
  });
}

function length(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
