import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe } from "vitest";
import { type Device, DeviceUnavailable } from "../../devices/device.ts";
import { openWebgpu } from "../openWebgpu.ts";

/** Where Debian's chromium-common puts the description of its software Vulkan driver. */
const debianDriver = "/usr/lib/chromium/vk_swiftshader_icd.json";

/**
 * The driver to test with: the one that the environment names, SwiftShader where it is installed, else the machine's
 * own.
 */
export function useSoftwareDriver(): void {
  if (process.env.VK_DRIVER_FILES === undefined && existsSync(debianDriver)) {
    process.env.VK_DRIVER_FILES = debianDriver;
  }
}

async function reasonAgainst(): Promise<string | undefined> {
  useSoftwareDriver();
  try {
    (await openWebgpu()).dispose();
    return undefined;
  } catch (error) {
    if (!(error instanceof DeviceUnavailable)) throw error;
    return error.message;
  }
}

/** Runs tests where WebGPU can be had, on a GPU or in software, and says why where it cannot. */
export async function describeOnWebgpu(what: string, tests: () => void): Promise<void> {
  const reason = await reasonAgainst();
  if (reason !== undefined) {
    console.log(`skipped: ${what}: ${reason}`);
    describe.skipIf(true)(what, tests);
    return;
  }
  describe(what, () => {
    let device: Device;
    beforeAll(async () => {
      device = await openWebgpu();
    });
    afterAll(() => device.dispose());
    tests();
  });
}
