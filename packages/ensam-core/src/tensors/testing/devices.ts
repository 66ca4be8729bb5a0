import { afterAll, beforeAll, describe } from "vitest";
import { type Device, type DeviceName, openDevice } from "../index.ts";

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
