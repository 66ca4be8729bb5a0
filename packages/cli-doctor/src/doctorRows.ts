import type { OperatorCheck } from "@ensam/core/tensors";

/** A graphics processor as nvidia-smi describes it. */
export interface NvidiaGpu {
  readonly name: string;
  readonly driver: string;
  readonly computeCapability: string;
  readonly memory: string;
}

/** What there is for GPUs on Linux; elsewhere the system brings its own. */
export interface GraphicsFacts {
  readonly gpus: readonly NvidiaGpu[];
  readonly vulkanLoader: boolean;
  /** Names of the driver descriptions that the loader would find. */
  readonly vulkanDrivers: readonly string[];
  /** Libraries of CUDA 11.2 and cuDNN 8.1 that are not installed. */
  readonly missingCudaLibraries: readonly string[];
  /** What the container runtime was asked for, if it was. */
  readonly driverCapabilities: string | null;
}

export interface SystemRow {
  readonly type: "doctor";
  readonly about: "system";
  readonly ensam: string;
  readonly node: string;
  readonly platform: string;
  readonly glibc: string | null;
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
  /** What the container or job may use, where that is less than the machine has. */
  readonly memoryLimitBytes: number | null;
  readonly disks: readonly { readonly folder: string; readonly freeBytes: number }[];
  readonly graphics: GraphicsFacts | null;
}

export interface ConvolutionSpeed {
  readonly channels: number;
  /** Voxels along each axis. */
  readonly side: number;
  /** Median of the rounds. */
  readonly seconds: number;
  /** A multiply-accumulate counts as two operations. */
  readonly gflops: number;
}

export interface DeviceRow {
  readonly type: "doctor";
  readonly about: "device";
  readonly device: string;
  readonly available: boolean;
  readonly description: string | null;
  /** Why it is not available, or broke. */
  readonly reason: string | null;
  readonly selfTest: {
    readonly passed: boolean;
    readonly tolerance: number;
    readonly operators: readonly OperatorCheck[];
  } | null;
  readonly convolution: ConvolutionSpeed | null;
  /** What is missing and how to get it. */
  readonly advice: readonly string[];
}

export interface VerdictRow {
  readonly type: "doctor";
  readonly about: "verdict";
  readonly passed: boolean;
  /** Devices that passed all their self-tests. */
  readonly usable: readonly string[];
  readonly failed: readonly string[];
  readonly unavailable: readonly string[];
}

export type DoctorRow = SystemRow | DeviceRow | VerdictRow;
