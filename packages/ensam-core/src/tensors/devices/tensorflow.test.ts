import util from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDevice, selfTest, tf } from "../index.ts";
import { DeviceUnavailable } from "./device.ts";
import { openTensorflow, type PackageImporter } from "./tensorflow.ts";

// The real packages need a download of libtensorflow from outside npm: here a package of the same shape stands in for
// them.

/** The kernels of @tensorflow/tfjs-node 4.22.0 (dist/kernels) that may matter for a network, and only those. */
const realKernels = `Abs Add AddN All Any ArgMax AvgPool3D AvgPool3DGrad BatchMatMul Cast ClipByValue Concat Conv3D
  Conv3DBackpropFilterV2 Conv3DBackpropInputV2 Equal Erf Exp ExpandDims Fill Floor GatherV2 Greater GreaterEqual Identity Less
  LessEqual Log LogicalAnd LogicalNot Max MaxPool3D MaxPool3DGrad Maximum Mean Min Minimum Multiply Neg NotEqual OnesLike Pack
  PadV2 Pow Prod Range RealDiv Reciprocal Relu Reshape Reverse Rsqrt Select Sigmoid Sign Slice Softmax Softplus SplitV Sqrt
  Square SquaredDifference Step StridedSlice Sub Sum Tanh Tile Transpose Unpack ZerosLike _FusedMatMul`.split(/\s+/);

interface StandIn {
  readonly isUsingGpuDevice?: boolean;
  readonly engine?: () => unknown;
  readonly version?: string;
}

/** What importing the package does and returns. */
function standIn({ isUsingGpuDevice = false, engine = tf.engine, version = tf.version_core }: StandIn = {}) {
  const createCpu = tf.findBackendFactory("cpu") as () => object;
  tf.registerBackend("tensorflow", () => Object.assign(createCpu(), { isUsingGpuDevice }) as never);
  for (const config of tf.getKernelsForBackend("cpu")) {
    if (!realKernels.includes(config.kernelName)) continue;
    const kernelFunc: typeof config.kernelFunc = (given) => {
      const { pad } = (given.attrs ?? {}) as { pad?: unknown };
      // libtensorflow is told SAME or VALID; it has no numbers for the margins.
      if (config.kernelName.startsWith("Conv3D")) expect(["same", "valid"]).toContain(pad);
      return config.kernelFunc(given);
    };
    tf.registerKernel({ ...config, backendName: "tensorflow", kernelFunc });
  }
  return { default: { engine, version_core: version, version: { "tfjs-node": "4.22.0" } } };
}

function missing(name: string): Error {
  return Object.assign(new Error(`Cannot find package '${name}' imported from x.js`), { code: "ERR_MODULE_NOT_FOUND" });
}

/** An importer of the packages given, each a function that is called when it is imported. */
function installed(packages: Record<string, () => unknown>): PackageImporter {
  return async (name) => {
    const load = packages[name];
    if (load === undefined) throw missing(name);
    return load();
  };
}

const gpu = "@tensorflow/tfjs-node-gpu";
const cpu = "@tensorflow/tfjs-node";
let growth: string | undefined;

beforeEach(async () => {
  growth = process.env.TF_FORCE_GPU_ALLOW_GROWTH;
  await openDevice("cpu");
});
afterEach(async () => {
  if (growth === undefined) delete process.env.TF_FORCE_GPU_ALLOW_GROWTH;
  else process.env.TF_FORCE_GPU_ALLOW_GROWTH = growth;
  delete process.env.TF_NUM_INTRAOP_THREADS;
  await tf.setBackend("cpu");
  for (const { kernelName } of tf.getKernelsForBackend("tensorflow")) tf.unregisterKernel(kernelName, "tensorflow");
  if (tf.findBackendFactory("tensorflow") != null) tf.removeBackend("tensorflow");
});

describe("device tensorflow", () => {
  test("takes the GPU package where both are installed", async () => {
    const refuse = () => expect.unreachable("the other package was imported");
    const device = await openTensorflow(
      {},
      installed({ [gpu]: () => standIn({ isUsingGpuDevice: true }), [cpu]: refuse }),
    );
    expect(device).toMatchObject({ name: "tensorflow", threads: 1 });
    expect(device.description).toBe(`tensorflow: ${gpu} 4.22.0 on the GPU`);
    expect(tf.getBackend()).toBe("tensorflow");
  });

  test("says when the GPU package found no GPU, and takes a number of threads", async () => {
    const device = await openTensorflow({ threads: 3 }, installed({ [gpu]: standIn }));
    expect(device.description).toBe(`tensorflow: ${gpu} 4.22.0 on the processor, 3 threads`);
    expect(device.threads).toBe(3);
    expect(process.env.TF_NUM_INTRAOP_THREADS).toBe("3");
  });

  test.each<[string, Record<string, () => unknown>, string]>([
    ["missing", {}, `${gpu} is not installed`],
    [
      "broken",
      {
        [gpu]: () => {
          throw new Error("libcudart.so.11.0: cannot open shared object file\n  at x");
        },
      },
      `${gpu}: libcudart.so.11.0: cannot open shared object file`,
    ],
  ])("takes the processor's package where the GPU's is %s, and says why", async (_, packages, reason) => {
    const device = await openTensorflow({ threads: 2 }, installed({ ...packages, [cpu]: standIn }));
    expect(device.description).toBe(`tensorflow: ${cpu} 4.22.0 on the processor, 2 threads (${reason})`);
  });

  test("without the packages says what is missing, how to get it and which GPUs it can serve", async () => {
    const opening = openTensorflow({}, installed({}));
    await expect(opening).rejects.toThrow(DeviceUnavailable);
    for (const words of [
      /^device: expected @tensorflow\/tfjs-node-gpu or @tensorflow\/tfjs-node for tensorflow, got none installed\./,
      /"make setup-tensorflow"/,
      /CUDA 11\.2 and cuDNN 8\.1/,
      /compute capability 3\.5 to 8\.x/,
      /H100 \(9\.0\) and RTX 50xx \(12\.0\)/,
    ]) {
      await expect(opening).rejects.toThrow(words);
    }
    expect(tf.getBackend()).toBe("cpu");
  });

  test("with a package whose own dependency is missing says so, not that the package is", async () => {
    const halfInstalled = () => {
      throw missing("@mapbox/node-pre-gyp");
    };
    const opening = openTensorflow({}, installed({ [cpu]: halfInstalled }));
    await expect(opening).rejects.toThrow(
      "got @tensorflow/tfjs-node-gpu is not installed; @tensorflow/tfjs-node: Cannot find package '@mapbox/node-pre-gyp'",
    );
  });

  test("restores what Node 23 took away, and lets GPU memory grow, before the package is imported", async () => {
    delete process.env.TF_FORCE_GPU_ALLOW_GROWTH;
    const functions = util as unknown as Record<string, ((value: unknown) => boolean) | undefined>;
    const { isNullOrUndefined, isArray } = functions;
    delete functions.isNullOrUndefined;
    delete functions.isArray;
    try {
      const load = () => {
        expect(functions.isNullOrUndefined!(null)).toBe(true);
        expect(functions.isNullOrUndefined!(undefined)).toBe(true);
        expect(functions.isNullOrUndefined!(0)).toBe(false);
        expect(functions.isArray!([])).toBe(true);
        expect(process.env.TF_FORCE_GPU_ALLOW_GROWTH).toBe("true");
        return standIn();
      };
      await openTensorflow({}, installed({ [cpu]: load }));
    } finally {
      Object.assign(functions, isNullOrUndefined && { isNullOrUndefined }, isArray && { isArray });
    }
  });

  test("leaves TF_FORCE_GPU_ALLOW_GROWTH as the user set it", async () => {
    process.env.TF_FORCE_GPU_ALLOW_GROWTH = "false";
    await openTensorflow({}, installed({ [gpu]: standIn }));
    expect(process.env.TF_FORCE_GPU_ALLOW_GROWTH).toBe("false");
  });

  test("asked for a GPU, refuses the processor, and the device before stays current", async () => {
    const refuse = () => expect.unreachable("the other package was imported");
    const opening = openTensorflow({ onlyGpu: true }, installed({ [gpu]: standIn, [cpu]: refuse }));
    await expect(opening).rejects.toThrow(/^device: expected @tensorflow\/tfjs-node-gpu to find a GPU, got none/);
    expect(tf.getBackend()).toBe("cpu");
    await expect(openTensorflow({ onlyGpu: true }, installed({ [cpu]: refuse }))).rejects.toThrow("none installed");
  });

  test.each<[string, StandIn, RegExp]>([
    ["another copy of tfjs-core", { engine: () => ({}) }, /to share ENSAM's copy of tfjs-core/],
    ["another version of tfjs-core", { version: "4.21.0" }, /with tfjs-core 4\.22\.0, got 4\.21\.0/],
  ])("is refused with %s, and the device before stays current", async (_, given, message) => {
    const load = () => {
      const exports = standIn(given);
      tf.setBackend("tensorflow"); // As the package does by itself.
      return exports;
    };
    const opening = openTensorflow({}, installed({ [cpu]: load }));
    await expect(opening).rejects.toThrow(DeviceUnavailable);
    await expect(opening).rejects.toThrow(message);
    expect(tf.getBackend()).toBe("cpu");
  });

  test("is refused with a package that brings no backend", async () => {
    const load = () => ({ engine: tf.engine, version_core: tf.version_core });
    await expect(openTensorflow({}, installed({ [cpu]: load }))).rejects.toThrow(/to bring the backend "tensorflow"/);
  });

  test("computes all operators and gradients with the kernels and paddings that the real package has", async () => {
    await openTensorflow({}, installed({ [cpu]: standIn }));
    const failed = (await selfTest()).filter(({ passed }) => !passed);
    expect(failed).toEqual([]);
  });
});
