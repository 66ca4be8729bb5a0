/// <reference types="@webgpu/types" />
import type { TensorInfo } from "../../backend/tensorInfo.ts";
import type { tf } from "../../tf.ts";

/** What the stock backend keeps of a tensor: values, a buffer, or both. */
export interface TensorData {
  values: tf.backend_util.BackendValues | undefined | null;
  dtype: tf.DataType;
  shape: number[];
  refCount: number;
  resource?: GPUBuffer | null;
  /** Ours: what comes behind `resource` where a tensor is too large for one buffer. */
  rest?: GPUBuffer[] | undefined;
}

/** A stock kernel's shader. */
export interface StockProgram {
  readonly outputShape: number[];
}

/** The stock backend as far as it is used here, its private parts included: version 4.22.0 exactly. */
interface StockBackend extends tf.KernelBackend {
  device: GPUDevice;
  queue: GPUQueue;
  bufferManager: unknown;
  tensorMap: { get(dataId: object): TensorData; has(dataId: object): boolean; delete(dataId: object): boolean };
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  commandQueueOwnedIds: { add(dataId: object): unknown; has(dataId: object): boolean };
  dispatchCountInPass: number;
  uniformPendingDisposal: GPUBuffer[];
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  releaseResource(dataId: object): void;
  runWebGPUProgram(program: StockProgram, inputs: TensorInfo[], ...rest: unknown[]): TensorInfo;
  uploadToGPU(dataId: object): void;
  tensorToBinding(tensor: TensorInfo | undefined): { buffer: GPUBuffer } | null;
  makeTensorInfo(shape: number[], dtype: tf.DataType, values?: tf.backend_util.BackendValues): TensorInfo;
}

export type StockBackendClass = new (device: GPUDevice, info: GPUAdapterInfo) => StockBackend;
