import type { OptionTable } from "@ensam/core/command";

export const deviceNames = ["cpu", "wasm", "webgpu", "tensorflow"] as const;
export type TestedDevice = (typeof deviceNames)[number];

export interface DoctorOptions {
  device?: TestedDevice;
  json: boolean;
  verbose: boolean;
}

export const doctorOptions: OptionTable<DoctorOptions> = {
  // Not from the environment: a device that other commands are told to use there is no reason to leave out the rest.
  device: { kind: "choice", env: "", choices: deviceNames, defaultWords: "all", doc: "Test only this device." },
  json: { kind: "boolean", env: "", default: false, doc: "Write rows of JSON, one per line, instead of text." },
  verbose: {
    kind: "boolean",
    env: "",
    default: false,
    doc: "Each operator with its errors, whole reasons and what to do about them, to be pasted into an issue.",
  },
};
