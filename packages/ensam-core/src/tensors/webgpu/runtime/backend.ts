/// <reference types="@webgpu/types" />
import { type OwnBackend, ownBackend } from "../../backend/ownBackend.ts";
import { sizeOf, type TensorInfo } from "../../backend/tensorInfo.ts";
import { mebibytes, OutOfMemory } from "../../outOfMemory.ts";
import type { tf } from "../../tf.ts";
import { createBindGroups } from "./bindGroups.ts";
import { type BufferPool, createBufferPool, type PoolStatistics } from "./bufferPool.ts";
import { type ConvolutionSettings, firstSettings } from "./convolutionSettings.ts";
import { partBytesOf, partSizes } from "./parts.ts";
import { createPipelines } from "./pipelines.ts";
import { type Program, packParameters } from "./program.ts";
import type { StockBackendClass, StockProgram, TensorData } from "./stockBackend.ts";
import { createUniforms } from "./uniforms.ts";

export type { TensorInfo } from "../../backend/tensorInfo.ts";

/** The name under which the stock kernels are registered, and ours beside them. */
export const backendName = "webgpu";

/** Memory for the time of a call: one buffer, or several where it is too large for one. */
export interface Scratch {
  readonly parts: readonly GPUBuffer[];
}

export interface GpuBackend extends OwnBackend {
  /** How convolutions are computed from now on. */
  convolutions: ConvolutionSettings;
  /** A tensor whose values are to be written by kernels. @param dtype  "float32" if absent */
  output(shape: readonly number[], dtype?: "float32" | "int32"): TensorInfo;
  /** Runs a program; `workgroups` are spread over two axes where there are more than one axis may have. */
  run(
    program: Program,
    buffers: Readonly<Record<string, TensorInfo | Scratch>>,
    parameters: Readonly<Record<string, number>>,
    workgroups: number | readonly [x: number, y: number, z?: number],
  ): void;
  /** Memory of so many floats for the time of a call. */
  borrow<Result>(floats: number, use: (scratch: Scratch) => Result): Result;
  /**
   * Memory of so many floats for something computed from a tensor's values, kept until it is disposed: see `derived`.
   */
  derivedMemory(tensor: TensorInfo, name: string, floats: number, compute: (scratch: Scratch) => void): Scratch;
  /** The buffers that a tensor lies in: one, or several where it is too large for one. */
  partsOf(tensor: TensorInfo | Scratch): readonly GPUBuffer[];
  /** Whether a float tensor is too large for one buffer. */
  isInParts(this: void, tensor: TensorInfo): boolean;
  /** Floats of all parts of a tensor but the last, where it lies in several. */
  readonly partFloats: number;
  /** Sends what was recorded to the GPU. */
  flush(): void;
  /** Waits until the GPU has done all that was asked of it; throws what went wrong there. */
  finish(): Promise<void>;
  statistics(): PoolStatistics;
  resetPeak(): void;
}

export interface BackendOptions {
  readonly memoryBytes?: number | undefined;
  /** Most bytes of one buffer, if fewer than the device allows: for tests of what lies in several. */
  readonly largestBufferBytes?: number | undefined;
}

/** Commands recorded before they are sent on. */
const commandsPerSubmit = 32;
const never = { add: () => undefined, has: () => false };

/**
 * The stock WebGPU backend with our buffer pool, asynchronous reads only, errors of the GPU as exceptions, and programs
 * of any number of outputs.
 */
export function createBackend(
  Stock: StockBackendClass,
  device: GPUDevice,
  info: GPUAdapterInfo,
  { memoryBytes = Number.POSITIVE_INFINITY, largestBufferBytes = Number.POSITIVE_INFINITY }: BackendOptions = {},
): GpuBackend {
  const { limits } = device;
  const largestBytes = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize, largestBufferBytes);
  const partBytes = partBytesOf(largestBytes);
  const storage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const pipelines = createPipelines(device, partBytes);
  const uniforms = createUniforms(device);
  const bindGroups = createBindGroups(device, uniforms);
  /** What went wrong on the GPU since the last read; it is told there. */
  let failure: Error | undefined;
  const allocations = new Set<Promise<void>>();
  device.addEventListener("uncapturederror", (event) => {
    event.preventDefault();
    failure ??= new Error(`webgpu: ${(event as GPUUncapturedErrorEvent).error.message}`);
  });
  let isClosed = false;
  void device.lost.then(({ reason, message }) => {
    if (!isClosed) failure = new Error(`webgpu: expected the device to stay, got it lost (${reason}): ${message}`);
  });

  class Backend extends ownBackend(Stock) implements GpuBackend {
    /** Buffers that unsubmitted commands use. */
    readonly touched = new Set<GPUBuffer>();
    readonly partFloats = partBytes / 4;
    convolutions = firstSettings;
    readonly pool: BufferPool = createBufferPool({
      limitBytes: memoryBytes,
      largestBytes,
      create: (bytes, usage, isMapped) => this.createBuffer(bytes, usage, isMapped),
      beforeDestroy: (buffer) => {
        if (this.touched.has(buffer)) this.flush();
        bindGroups.forget(buffer);
      },
    });

    constructor() {
      super(device, info);
      this.bufferManager = this.pool;
      // A buffer freed while commands that use it wait is reused at once: commands run in their order.
      this.commandQueueOwnedIds = never;
    }

    /** Whether the memory was there is known later, and told by the next read. */
    private createBuffer(size: number, usage: number, mappedAtCreation: boolean): GPUBuffer {
      device.pushErrorScope("out-of-memory");
      const buffer = device.createBuffer({ size, usage, mappedAtCreation });
      const check = device.popErrorScope().then(
        (error) => {
          allocations.delete(check);
          if (error === null) return;
          this.pool.discard(buffer);
          const { heapCapacityBytes } = this.pool.statistics();
          const message =
            `webgpu: memory: expected room for ${mebibytes(size)} MiB on the GPU, got none with ` +
            `${mebibytes(heapCapacityBytes)} MiB taken`;
          failure = new OutOfMemory(message, { neededBytes: size, limitBytes: heapCapacityBytes });
        },
        () => void allocations.delete(check),
      );
      allocations.add(check);
      return buffer;
    }

    output(shape: readonly number[], dtype: "float32" | "int32" = "float32"): TensorInfo {
      const tensor = this.makeTensorInfo([...shape], dtype);
      this.uploadToGPU(tensor.dataId);
      return tensor;
    }

    borrow<Result>(floats: number, use: (scratch: Scratch) => Result): Result {
      const scratch = { parts: this.acquireParts(floats) };
      try {
        return use(scratch);
      } finally {
        this.release(scratch);
      }
    }

    derivedMemory(tensor: TensorInfo, name: string, floats: number, compute: (scratch: Scratch) => void): Scratch {
      const make = () => {
        const scratch = { parts: this.acquireParts(floats) };
        try {
          compute(scratch);
          return scratch;
        } catch (error) {
          this.release(scratch);
          throw error;
        }
      };
      return this.derived(tensor, name, make, (scratch) => this.release(scratch));
    }

    private release({ parts }: Scratch): void {
      for (const buffer of parts) this.pool.releaseBuffer(buffer);
    }

    private acquireParts(numbers: number, usage = storage): [GPUBuffer, ...GPUBuffer[]] {
      const parts: GPUBuffer[] = [];
      try {
        const sizes = partSizes(Math.max(1, numbers) * 4, largestBytes);
        for (const size of sizes) parts.push(this.pool.acquireBuffer(size, usage));
        return parts as [GPUBuffer, ...GPUBuffer[]];
      } catch (error) {
        for (const buffer of parts) this.pool.releaseBuffer(buffer);
        throw error;
      }
    }

    run(
      program: Program,
      buffers: Readonly<Record<string, TensorInfo | Scratch>>,
      parameters: Readonly<Record<string, number>>,
      workgroups: number | readonly [x: number, y: number, z?: number],
    ): void {
      const names = [...Object.keys(program.reads), ...Object.keys(program.writes)];
      const parts = names.map((name) => {
        const buffer = buffers[name];
        if (buffer === undefined) throw new Error(`webgpu: ${program.key}: expected a buffer ${name}, got none`);
        return this.partsOf(buffer);
      });
      const counts = parts.map(({ length }) => length);
      const { pipeline, layout } = pipelines.get(program, counts);
      const bound = parts.flat();
      const offset = this.uniform(packParameters(program.parameters, parameters));
      this.ensureCommandEncoderReady();
      this.computePassEncoder ??= this.commandEncoder!.beginComputePass();
      this.computePassEncoder.setPipeline(pipeline);
      this.computePassEncoder.setBindGroup(0, bindGroups.get(layout, bound), [offset]);
      const [x, y, z] = typeof workgroups === "number" ? spread(workgroups) : workgroups;
      this.computePassEncoder.dispatchWorkgroups(x, y, z ?? 1);
      for (const buffer of bound) this.touched.add(buffer);
      if (++this.dispatchCountInPass >= commandsPerSubmit) this.flush();
    }

    partsOf(tensor: TensorInfo | Scratch): readonly GPUBuffer[] {
      if ("parts" in tensor) return tensor.parts;
      this.uploadToGPU(tensor.dataId);
      return buffersOf(this.tensorMap.get(tensor.dataId));
    }

    readonly isInParts = ({ dtype, shape }: TensorInfo) => dtype === "float32" && sizeOf(shape) * 4 > largestBytes;

    /** Stock kernels read and write tensors of one buffer only. */
    override runWebGPUProgram(program: StockProgram, inputs: TensorInfo[], ...rest: unknown[]): TensorInfo {
      for (const shape of [program.outputShape, ...inputs.map((input) => input.shape)]) {
        const neededBytes = sizeOf(shape) * 4;
        if (neededBytes > largestBytes) {
          const name = program.constructor.name.replace(/Program$/, "");
          const message =
            `webgpu: memory: stock kernel ${name}: expected a tensor of at most ${mebibytes(largestBytes)} MiB, which is ` +
            `this adapter's limit for one buffer, got ${mebibytes(neededBytes)} MiB: use smaller volumes`;
          throw new OutOfMemory(message, { neededBytes, limitBytes: largestBytes });
        }
      }
      return super.runWebGPUProgram(program, inputs, ...rest);
    }

    private uniform(bytes: ArrayBuffer): number {
      const offset = uniforms.add(bytes);
      if (offset !== undefined) return offset;
      this.flush();
      return uniforms.add(bytes)!;
    }

    flush(): void {
      this.endComputePassEncoder();
      if (this.commandEncoder !== null) this.submitQueue();
    }

    async finish(): Promise<void> {
      this.flush();
      await this.queue.onSubmittedWorkDone();
      await Promise.all(allocations);
      this.throwFailure();
    }

    override submitQueue(): void {
      uniforms.send();
      this.queue.submit([this.commandEncoder!.finish()]);
      this.commandEncoder = null;
      this.dispatchCountInPass = 0;
      this.commandQueueOwnedIds = never;
      this.touched.clear();
      for (const buffer of this.uniformPendingDisposal.splice(0)) this.pool.releaseBuffer(buffer);
    }

    override tensorToBinding(tensor: TensorInfo | undefined): { buffer: GPUBuffer } | null {
      const binding = super.tensorToBinding(tensor);
      if (binding !== null) this.touched.add(binding.buffer);
      return binding;
    }

    override uploadToGPU(dataId: object): void {
      const data = this.tensorMap.get(dataId);
      if (data.resource != null) return;
      const [resource, ...rest] = this.acquireParts(sizeOf(data.shape));
      data.resource = resource;
      if (rest.length > 0) data.rest = rest;
      if (data.values == null) return;
      const words = wordsOf(data.values as tf.TypedArray, data.dtype);
      const most = rest.length > 0 ? this.partFloats : words.length;
      buffersOf(data).forEach((buffer, i) => {
        // A write overtakes the commands that wait, and these may still use the buffer for something freed meanwhile.
        if (this.touched.has(buffer)) this.flush();
        const part = words.subarray(i * most, (i + 1) * most);
        if (part.length > 0) this.queue.writeBuffer(buffer, 0, part);
      });
      data.values = null;
    }

    override releaseResource(dataId: object): void {
      const data = this.tensorMap.get(dataId);
      for (const buffer of data.rest ?? []) this.pool.releaseBuffer(buffer);
      data.rest = undefined;
      super.releaseResource(dataId);
    }

    override readSync(dataId: object): tf.backend_util.BackendValues {
      const data = this.tensorMap.get(dataId);
      if (data.values != null) return data.values;
      throw new Error("webgpu: expected an asynchronous read (await tensor.data()), got a synchronous one");
    }

    override async read(dataId: object): Promise<tf.backend_util.BackendValues> {
      const data = this.tensorMap.get(dataId);
      if (data.values != null) return data.values;
      const sizes = partSizes(sizeOf(data.shape) * 4, largestBytes);
      const copies = this.acquireParts(sizeOf(data.shape), GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ);
      this.endComputePassEncoder();
      this.ensureCommandEncoderReady();
      buffersOf(data).forEach((part, i) => {
        this.commandEncoder!.copyBufferToBuffer(part, 0, copies[i]!, 0, sizes[i]!);
      });
      this.submitQueue();
      try {
        await Promise.all(copies.map((copy, i) => copy.mapAsync(GPUMapMode.READ, 0, sizes[i]!)));
        await Promise.all(allocations);
        this.throwFailure();
        const words = joined(copies.map((copy, i) => copy.getMappedRange(0, sizes[i]!)));
        for (const copy of copies) {
          copy.unmap();
          this.pool.releaseBuffer(copy);
        }
        const values = data.dtype === "float32" ? new Float32Array(words) : integersOf(words, data.dtype);
        // As in the stock backend: what was read once can be read again, synchronously too.
        data.values = values;
        return values;
      } catch (error) {
        for (const copy of copies) this.pool.releaseBuffer(copy, false);
        await Promise.all(allocations);
        this.throwFailure();
        throw error;
      }
    }

    /** Throws what went wrong on the GPU, once. */
    private throwFailure(): void {
      const error = failure;
      failure = undefined;
      if (error !== undefined) throw error;
    }

    statistics(): PoolStatistics {
      return this.pool.statistics();
    }

    resetPeak(): void {
      this.pool.resetPeak();
    }

    /** What `tf.memory()` says beside its own counts: the pool's statistics. */
    override memory(): { unreliable: boolean } & PoolStatistics {
      return { unreliable: false, ...this.pool.statistics() };
    }

    override dispose(): void {
      isClosed = true;
      this.pool.dispose();
      device.destroy();
    }
  }

  return new Backend();
}

/** Workgroups over two axes, a few more than asked for where they do not fit into one. */
export function spread(workgroups: number): [x: number, y: number] {
  const most = 65535;
  const y = Math.ceil(workgroups / most);
  return [Math.ceil(workgroups / y), y];
}

function buffersOf({ resource, rest }: TensorData): GPUBuffer[] {
  return rest === undefined ? [resource!] : [resource!, ...rest];
}

/** A copy of mapped bytes. */
function joined(ranges: readonly ArrayBuffer[]): ArrayBuffer {
  if (ranges.length === 1) return ranges[0]!.slice(0);
  const bytes = new Uint8Array(ranges.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let offset = 0;
  for (const range of ranges) {
    bytes.set(new Uint8Array(range), offset);
    offset += range.byteLength;
  }
  return bytes.buffer;
}

function wordsOf(values: tf.TypedArray, dtype: tf.DataType): Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> {
  return dtype === "float32" ? Float32Array.from(values) : Int32Array.from(values);
}

function integersOf(words: ArrayBuffer, dtype: tf.DataType): Int32Array | Uint8Array {
  const integers = new Int32Array(words);
  return dtype === "bool" ? Uint8Array.from(integers) : integers;
}
