import { callCommand } from "@ensam/core/command/testing";
import { type Device, DeviceUnavailable, tf } from "@ensam/core/tensors";
import { afterEach, describe, expect, test } from "vitest";
import { checkDevice } from "./checkDevice.ts";
import type { DeviceRow, SystemRow } from "./doctorRows.ts";
import { main, verdictOn } from "./main.ts";
import { linesOf, shortLinesOf } from "./textReport.ts";

const system: SystemRow = {
  type: "doctor",
  about: "system",
  ensam: "0.1.0",
  node: "20.19.0",
  platform: "linux x64 6.1.0",
  glibc: "2.36",
  processor: "Abacus",
  cores: 2,
  memoryBytes: 16 * 2 ** 30,
  freeMemoryBytes: 5 * 2 ** 30,
  memoryLimitBytes: 8 * 2 ** 30,
  disks: [{ folder: "/data", freeBytes: 2 ** 31 }],
  graphics: null,
};

describe("ensam-doctor", () => {
  test("--json writes the system, each device and the verdict, and ends with 0 where one device passes", async () => {
    const { code, rows } = await callCommand(main, ["--json", "--device", "cpu"], { env: { ENSAM_DEVICE: "auto" } });
    expect(code).toBe(0);
    expect(rows.map(({ type, about }) => [type, about])).toEqual([
      ["doctor", "system"],
      ["doctor", "device"],
      ["doctor", "verdict"],
    ]);
    const [facts, device, verdict] = rows as [
      SystemRow & Record<string, unknown>,
      DeviceRow & Record<string, unknown>,
      object,
    ];
    expect(facts.node).toBe(process.versions.node);
    expect(facts.ensam).toMatch(/^\d+\.\d+\.\d+$/);
    expect(facts.disks[0]!.freeBytes).toBeGreaterThan(0);
    expect(device).toMatchObject({ device: "cpu", available: true, reason: null, advice: [] });
    expect(device.selfTest!.operators.length).toBeGreaterThan(20);
    expect(device.selfTest!.passed).toBe(true);
    expect(device.convolution!.gflops).toBeGreaterThan(0);
    expect(verdict).toMatchObject({ passed: true, usable: ["cpu"], failed: [], unavailable: [] });
  });

  test("the text has every operator with its errors, and no control characters", async () => {
    const { code, output, error } = await callCommand(main, ["--verbose", "--device", "wasm"]);
    expect(code).toBe(0);
    expect(output).toMatch(/^ENSAM \d/);
    expect(output).toMatch(/\nwasm: passed\n {2}wasm: embedded engine/);
    expect(output).toMatch(/\n {2}convolution of 3, 16 to 16 channels at \d\d³: [\d.e+]+ GFLOP\/s/);
    expect(output).toMatch(/\n {4}attend to one +\S+ +\S+\n/);
    expect(output).toMatch(/\ncan be used: wasm\n$/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours would be such
    expect(output).not.toMatch(/\u001b/);
    expect(error).toBe("testing wasm\n");
  });

  test("a device that is not there is explained, and ends with 4 if there is no other", async () => {
    const { code, output } = await callCommand(main, ["--quiet", "--verbose", "--device", "tensorflow"]);
    expect(code).toBe(4);
    expect(output).toContain("tensorflow: not available\n  device: expected");
    expect(output).toContain("make setup-tensorflow");
    expect(output).toMatch(/\nno device can be used; not available: tensorflow\n$/);
  });

  test("without --verbose a device is one line, also one that is not there", async () => {
    const here = await callCommand(main, ["--device", "cpu"]);
    expect(here.output).toMatch(
      /\ncpu {9}passed {9}\d\d operators, [\d.]+ GFLOP\/s; plain JavaScript on one thread\n\n/,
    );
    const absent = await callCommand(main, ["--device", "tensorflow"]);
    expect(absent.output).toMatch(
      /\ntensorflow {2}not available {2}expected @tensorflow\S+ or \S+ for tensorflow, got none installed\n\nno device/,
    );
    expect(absent.error).toBe("testing tensorflow\n--verbose says why, and what to do about it\n");
  });

  test("an unknown device is a usage error", async () => {
    const { code, error } = await callCommand(main, ["--device", "abacus"]);
    expect(code).toBe(2);
    expect(error).toContain("--device: expected one of cpu, wasm, webgpu, tensorflow");
  });
});

describe("a device", () => {
  /** The stock backend with one kernel of our own. */
  const openWith = (kernelFunc: () => tf.Tensor) => async (): Promise<Device> => {
    tf.registerBackend("trial", tf.findBackendFactory("cpu"));
    tf.copyRegisteredKernels("cpu", "trial");
    tf.registerKernel({ kernelName: "EnsamUnit", backendName: "trial", kernelFunc });
    await tf.setBackend("trial");
    return { name: "trial", description: "trial: for the test", threads: 1, dispose: () => {} };
  };
  afterEach(async () => {
    await tf.setBackend("cpu");
    for (const { kernelName } of tf.getKernelsForBackend("trial")) tf.unregisterKernel(kernelName, "trial");
    if (tf.findBackendFactory("trial") != null) tf.removeBackend("trial");
  });

  test("with a wrong kernel fails, names the operator and is not recommended", async () => {
    const row = await checkDevice(
      "webgpu",
      system,
      openWith(() => tf.ones([5, 6])),
    );
    expect(row.available).toBe(true);
    expect(row.selfTest!.passed).toBe(false);
    expect(row.selfTest!.operators.filter(({ passed }) => !passed).map(({ operator }) => operator)).toEqual(["unit"]);
    const text = linesOf(row).join("\n");
    expect(text).toContain("webgpu: FAILED");
    expect(text).toContain("1 FAIL");
    expect(text).toMatch(/unit +.*FAILED/);
    expect(text).toContain("do not train or segment with this device");
    expect(shortLinesOf(row)).toEqual([expect.stringMatching(/^webgpu {6}FAILED {9}1 of \d+ operators: unit$/)]);
    expect(verdictOn([row])).toMatchObject({ passed: false, failed: ["webgpu"], usable: [] });
  });

  test("that cannot be opened is explained by what the machine lacks", async () => {
    const refuse = async () => {
      throw new DeviceUnavailable("device: expected an adapter, got none");
    };
    const graphics = {
      gpus: [{ name: "NVIDIA H100", driver: "550.54", computeCapability: "9.0", memory: "81559 MiB" }],
      vulkanLoader: false,
      vulkanDrivers: ["lvp_icd.x86_64.json"],
      missingCudaLibraries: ["libcudnn.so.8"],
      driverCapabilities: "compute,utility",
    };
    const webgpu = linesOf(await checkDevice("webgpu", { ...system, glibc: "2.31", graphics }, refuse)).join("\n");
    expect(webgpu).toContain("webgpu: not available\n  device: expected an adapter, got none");
    expect(webgpu).toContain("glibc 2.34 or newer (Debian 12, Ubuntu 22.04); this is 2.31");
    const tensorflow = (await checkDevice("tensorflow", { ...system, graphics }, refuse)).advice.join("\n");
    expect(tensorflow).toContain("NVIDIA H100 (compute capability 9.0) is newer than it can serve: use webgpu");
    expect(tensorflow).not.toContain("libcudnn"); // It would not help.
    const gpus = [{ ...graphics.gpus[0]!, name: "NVIDIA A100", computeCapability: "8.0" }];
    const served = (await checkDevice("tensorflow", { ...system, graphics: { ...graphics, gpus } }, refuse)).advice;
    expect(served.join("\n")).toContain("missing: libcudnn.so.8");
  });
});

test("stack traces of other libraries stay out of the line", () => {
  const row = {
    type: "doctor",
    about: "device",
    device: "webgpu",
    available: false,
    description: null,
    reason: "device: expected an adapter, got: Error: no   at create (/lib/x.js:1:2) at y (z.js:3:4)",
    selfTest: null,
    convolution: null,
    advice: [],
  } as const;
  expect(shortLinesOf(row)).toEqual(["webgpu      not available  expected an adapter, got: Error: no"]);
});

test("the system's lines say what limits it", () => {
  const lines = linesOf(system).join("\n");
  expect(lines).toBe(`ENSAM 0.1.0, Node 20.19.0, linux x64 6.1.0, glibc 2.36
processor: Abacus, 2 cores
memory: 16.0 GiB, 5.0 GiB free; limited to 8.0 GiB here
disk: 2.0 GiB free in /data`);
});
