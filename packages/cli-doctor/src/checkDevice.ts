import { describeError } from "@ensam/core/command";
import { type Device, openDevice, selfTest, selfTestTolerance } from "@ensam/core/tensors";
import { adviceOn } from "./advice.ts";
import { convolutionSpeed } from "./convolutionSpeed.ts";
import type { DeviceRow, SystemRow } from "./doctorRows.ts";
import type { TestedDevice } from "./options.ts";

type Findings = Omit<DeviceRow, "type" | "about" | "device" | "advice">;

/**
 * Opens a device, tests its operators and times a convolution. Never throws: what goes wrong is in the row.
 *
 * @param open  opens the device and makes it current
 */
export async function checkDevice(
  name: TestedDevice,
  system: SystemRow,
  open: (name: TestedDevice) => Promise<Device> = openDevice,
): Promise<DeviceRow> {
  const findings = await examine(name, open);
  return { type: "doctor", about: "device", device: name, ...findings, advice: adviceOn(name, findings, system) };
}

async function examine(name: TestedDevice, open: (name: TestedDevice) => Promise<Device>): Promise<Findings> {
  const nothing = { available: false, description: null, reason: null, selfTest: null, convolution: null };
  let device: Device;
  try {
    device = await open(name);
  } catch (error) {
    return { ...nothing, reason: describeError(error) };
  }
  const opened = { ...nothing, available: true, description: device.description };
  try {
    const operators = await selfTest();
    const passed = operators.every((check) => check.passed);
    const tested = { ...opened, selfTest: { passed, tolerance: selfTestTolerance, operators } };
    try {
      return { ...tested, convolution: await convolutionSpeed() };
    } catch (error) {
      return { ...tested, reason: `convolution: ${describeError(error)}` };
    }
  } catch (error) {
    return { ...opened, reason: `self-test: ${describeError(error)}` };
  } finally {
    device.dispose();
  }
}
