export type DeviceName = "auto" | "cpu" | "wasm" | "webgpu" | "tensorflow";

export interface DeviceOptions {
  /** Worker threads to compute with; a device chooses by the machine if absent. */
  readonly threads?: number;
  /** Most bytes that tensors may take together, where the device can be told. */
  readonly memoryBytes?: number;
}

/** Where tensors live and operators run. Opening one makes it current for every operator. */
export interface Device {
  readonly name: string;
  /** One line for the user: what it is, and why it was chosen. */
  readonly description: string;
  readonly threads: number;
  dispose(): void;
}

/** A device that this machine or this installation does not have. */
export class DeviceUnavailable extends Error {
  override readonly name = "DeviceUnavailable";
}
