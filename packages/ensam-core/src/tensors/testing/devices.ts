import { afterAll, beforeAll, describe } from "vitest";
import { type Device, type DeviceName, openDevice } from "../index.ts";
import type { ConvolutionChoice } from "../wasm/convolutionChoice.ts";
import { openWasm } from "../wasm/openWasm.ts";

/** The devices to test, from ENSAM_TEST_DEVICES: names with commas between them. */
const names = (process.env.ENSAM_TEST_DEVICES ?? "cpu,wasm").split(",") as DeviceName[];

/** Runs the tests once on every device under test. */
export function describeOnDevices(what: string, tests: (device: DeviceName) => void): void {
  describe.each(names)(`${what} on %s`, (name) => {
    let device: Device;
    beforeAll(async () => {
      device = await openDevice(name);
    });
    afterAll(() => device.dispose());
    tests(name);
  });
}

/** The same, and once with each way in which wasm can convolve: by Winograd's points wherever it can, and never. */
export function describeOnDevicesAndConvolutions(what: string, tests: () => void): void {
  describeOnDevices(what, tests);
  if (!names.includes("wasm")) return;
  describe.each(["direct", "winograd"] satisfies ConvolutionChoice[])(
    `${what} on wasm, %s convolutions`,
    (convolution) => {
      let device: Device;
      beforeAll(async () => {
        device = await openWasm({ convolution });
      });
      afterAll(() => device.dispose());
      tests();
    },
  );
}
