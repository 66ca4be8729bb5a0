import type { PresetName } from "@ensam/core/model";
import type { GpuFacts } from "@ensam/core/tensors";
import type { Zyx } from "@ensam/core/voxels";

/** What was measured on. */
export interface Head {
  device: string;
  /** Which of the ways to open the device: so many threads, or a precision. */
  variant: string;
}

export interface DeviceRow extends Head {
  type: "device";
  description: string;
  /** Its name, as the operating system gives it. */
  processor?: string;
  gpu?: GpuFacts;
}

export type Pass = "forward" | "input gradient" | "filter gradient" | "gradient";

export interface OperatorRow extends Head {
  type: "operator";
  operator: string;
  /** Voxels of the input along each axis. */
  grid: Zyx;
  pass: Pass;
  seconds: number;
  fastest: number;
  slowest: number;
  /** Of convolutions. */
  gflops?: number;
  /** Of passes over memory: bytes of the large tensors read and written, in 10⁹ a second. */
  gigabytesPerSecond?: number;
}

export type StepPart = "encoder" | "interaction" | "training step";

export interface StepRow extends Head {
  type: "step";
  preset: PresetName;
  shape: Zyx;
  part: StepPart;
  seconds: number;
  fastest: number;
  slowest: number;
  samples: number;
  gflops: number;
  /** Most bytes of tensors at once; 0 on a device that does not count them. */
  peakHeapBytes: number;
}

export interface ShareRow extends Head {
  type: "share";
  preset: PresetName;
  shape: Zyx;
  part: StepPart;
  kernel: string;
  calls: number;
  seconds: number;
  share: number;
}

/** What the paper's protocol would take if every sample were as large as the measured one. */
export interface ProtocolRow {
  type: "protocol";
  /** What was measured: a variant of the device, or a mode of PyTorch. */
  of: string;
  preset: PresetName;
  voxels: number;
  epochs: number;
  samples: number;
  samplesPerSecond: number;
  hours: number;
}

export interface TorchInfoRow {
  type: "torch";
  version: string;
  device: string;
}

/** A figure of PyTorch beside ours. */
export interface TorchRow {
  type: "torch step" | "torch operator";
  /** Precision, and what else was chosen. */
  mode: string;
  /** Memory format of feature maps. */
  layout: string;
  what: string;
  shape: Zyx;
  seconds: number;
  fastest: number;
  slowest: number;
  gflops?: number;
  peakBytes?: number;
  /** By variant, seconds in PyTorch over seconds of the same here. */
  ratios: Record<string, number>;
}

/** A step of another build of ours. */
export interface BesideRow extends Head {
  type: "beside";
  /** The folder of that build. */
  of: string;
  preset: PresetName;
  shape: Zyx;
  part: StepPart;
  seconds: number;
  fastest: number;
  slowest: number;
  peakHeapBytes: number;
  /** Its seconds over ours. */
  ratio?: number;
  /** Our peak memory over its. */
  memoryRatio?: number;
}

/** What could not be measured, or was not. */
export interface OmittedRow {
  type: "omitted";
  what: string;
  reason: string;
}

export type BenchRow =
  | DeviceRow
  | OperatorRow
  | StepRow
  | ShareRow
  | ProtocolRow
  | TorchInfoRow
  | TorchRow
  | BesideRow
  | OmittedRow;
