import type { Precision } from "../webgpu/runtime/convolutionSettings.ts";

export type { Precision } from "../webgpu/runtime/convolutionSettings.ts";

export type DeviceName = "auto" | "cpu" | "wasm" | "webgpu" | "tensorflow";

export interface DeviceOptions {
  /** Worker threads to compute with; a device chooses by the machine if absent. */
  readonly threads?: number;
  /** Most bytes that tensors may take together, where the device can be told. */
  readonly memoryBytes?: number;
  /**
   * What convolutions multiply on `webgpu`: f32 numbers, numbers rounded to f16, or such numbers by the GPU's matrix
   * units; sums are f32 always. `auto` takes the fastest that agrees with f32 on the GPU. Other devices compute in f32.
   * @default "f32"
   */
  readonly precision?: Precision | "auto";
  /**
   * How `wasm` computes convolutions of 3³ at stride 1: `direct`, or `auto`, by Winograd's algorithm where the shape
   * (never a measurement) says that it is faster: other roundings. Other devices have one way. @default "auto"
   */
  readonly convolution?: "auto" | "direct";
}

/** Where tensors live and operators run. Opening one makes it current for every operator. */
export interface Device {
  readonly name: string;
  /** One line for the user: what it is, and why it was chosen. */
  readonly description: string;
  readonly threads: number;
  /** What its convolutions multiply. @default "f32" */
  readonly precision?: Precision;
  /** What there is to know of a GPU; absent elsewhere. */
  readonly gpu?: GpuFacts;
  /** Waits until all that was asked of it is done, to measure times; absent where nothing is queued. */
  readonly finished?: () => Promise<void>;
  /** Starts measuring `tf.memory().peakHeapBytes` anew; absent where it is not counted. */
  readonly resetPeak?: () => void;
  dispose(): void;
}

export interface GpuFacts {
  /** Whether it computes on the processor. */
  readonly isSoftware: boolean;
  readonly vendor: string;
  readonly architecture: string;
  readonly name: string;
  /** With most drivers their name and version. */
  readonly description: string;
  readonly features: readonly string[];
  /** Those that kernels depend on; sizes in bytes. */
  readonly limits: Readonly<Record<string, number>>;
  /** By class of kernel, which tile was the fastest: indices into the lists of `tiles.ts`. */
  readonly tiles: readonly number[];
}

/** A device that this machine or this installation does not have. */
export class DeviceUnavailable extends Error {
  override readonly name = "DeviceUnavailable";
}
