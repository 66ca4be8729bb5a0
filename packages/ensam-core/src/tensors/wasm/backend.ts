import { type OwnBackend, ownBackend } from "../backend/ownBackend.ts";
import type { TensorInfo } from "../backend/tensorInfo.ts";
import { tf } from "../tf.ts";
import type { ConvolutionChoice } from "./convolutionChoice.ts";
import type { Heap, HeapStatistics } from "./heap.ts";
import type { Job } from "./jobs.ts";

/** The name under which the WebAssembly engine is known to TensorFlow.js. */
export const backendName = "ensam-wasm";

interface TensorData {
  values: tf.TypedArray | Uint8Array[] | string[] | undefined;
  dtype: tf.DataType;
  refCount: number;
  complexTensorInfos?: { real: TensorInfo; imag: TensorInfo };
  /** Where the values live if they live in the heap. */
  address?: number;
}

/** The stock CPU backend as far as it is used here; its kernels serve as fallback on ours. */
interface CpuBackend extends tf.KernelBackend {
  data: {
    get(dataId: object): TensorData;
    set(dataId: object, data: TensorData): void;
    has(dataId: object): boolean;
    delete(dataId: object): boolean;
  };
}

type CpuBackendClass = new () => CpuBackend;

export interface Engine {
  readonly memory: WebAssembly.Memory;
  readonly heap: Heap;
  readonly threads: number;
  /** How convolutions of 3³ at stride 1 are computed. */
  readonly convolution: ConvolutionChoice;
  run(job: Job): void;
  dispose(): void;
}

export interface WasmBackend extends CpuBackend, OwnBackend {
  readonly engine: Engine;
  /** Where a tensor's float values are; they are moved into the heap if they are elsewhere. */
  address(tensor: TensorInfo): number;
  /** A float tensor whose values are to be written by kernels. */
  output(shape: readonly number[]): TensorInfo & { address: number };
  /** Memory for something computed from a tensor's values, kept until the tensor is disposed: see `derived`. */
  derivedMemory(tensor: TensorInfo, name: string, bytes: number, compute: (address: number) => void): number;
  /** Memory for the time of a call. */
  borrow<Result>(bytes: number, use: (address: number) => Result): Result;
  /** Sixty-four bytes of zeros. */
  readonly zeros: number;
  statistics(): HeapStatistics;
}

let nextId = 0;

/** A backend whose float tensors live in the engine's memory. */
export function createBackend(engine: Engine): WasmBackend {
  // The class is not exported by the union package; an instance of the stock backend leads to it.
  const stock = tf.findBackendFactory("cpu")() as tf.KernelBackend;
  const Base = ownBackend(stock.constructor as CpuBackendClass);
  const { heap, memory } = engine;

  class Backend extends Base implements WasmBackend {
    readonly engine = engine;
    readonly zeros = heap.allocate(64);

    override write(values: tf.backend_util.BackendValues, _shape: number[], dtype: tf.DataType): object {
      const dataId = { id: nextId++ };
      this.data.set(dataId, { values: ownedValues(values), dtype, refCount: 1 });
      this.tookHold(dataId);
      return dataId;
    }

    makeTensorInfo(shape: number[], dtype: tf.DataType, values: tf.backend_util.BackendValues | string[]): TensorInfo {
      const bytes =
        dtype === "string" && values != null && typeof values[0] === "string"
          ? (values as string[]).map((text) => tf.util.encodeString(text))
          : (values as tf.backend_util.BackendValues);
      return { dataId: this.write(bytes, shape, dtype), shape, dtype };
    }

    override move(
      dataId: object,
      values: tf.backend_util.BackendValues,
      _shape: number[],
      dtype: tf.DataType,
      refCount: number,
    ): void {
      this.data.set(dataId, { values: ownedValues(values), dtype, refCount });
    }

    override readSync(dataId: object): tf.backend_util.BackendValues {
      const data = this.data.get(dataId);
      // What a caller reads must outlive the tensor.
      if (data.address !== undefined) return (data.values as Float32Array).slice();
      return super.readSync(dataId);
    }

    override async read(dataId: object): Promise<tf.backend_util.BackendValues> {
      return this.readSync(dataId);
    }

    override disposeData(dataId: object, force = false): boolean {
      const data = this.data.has(dataId) ? this.data.get(dataId) : undefined;
      const gone = super.disposeData(dataId, force);
      if (gone && data?.address !== undefined) heap.free(data.address);
      return gone;
    }

    /** What `tf.memory()` says beside its own counts: the heap's statistics. */
    override memory(): { unreliable: boolean } & HeapStatistics {
      return { unreliable: false, ...heap.statistics() };
    }

    override dispose(): void {
      engine.dispose();
    }

    address(tensor: TensorInfo): number {
      const data = this.data.get(tensor.dataId);
      if (data.address === undefined) {
        const values = data.values as tf.TypedArray;
        const fill = (address: number) => new Float32Array(memory.buffer, address, values.length).set(values);
        // A cast to floats leaves the values with the integers or booleans they came from.
        if (data.dtype !== "float32") return this.derivedMemory(tensor, "float32", values.length * 4, fill);
        const address = heap.allocate(values.length * 4);
        fill(address);
        const resident = new Float32Array(memory.buffer, address, values.length);
        data.values = resident;
        data.address = address;
      }
      return data.address;
    }

    output(shape: readonly number[]): TensorInfo & { address: number } {
      const size = shape.reduce((product, n) => product * n, 1);
      const address = heap.allocate(size * 4);
      const dataId = { id: nextId++ };
      this.data.set(dataId, {
        values: new Float32Array(memory.buffer, address, size),
        dtype: "float32",
        refCount: 1,
        address,
      });
      this.tookHold(dataId);
      return { dataId, shape: [...shape], dtype: "float32", address };
    }

    derivedMemory(tensor: TensorInfo, name: string, bytes: number, compute: (address: number) => void): number {
      const make = () => {
        const address = heap.allocate(bytes);
        try {
          compute(address);
          return address;
        } catch (error) {
          heap.free(address);
          throw error;
        }
      };
      return this.derived(tensor, name, make, heap.free);
    }

    borrow<Result>(bytes: number, use: (address: number) => Result): Result {
      const address = heap.allocate(bytes);
      try {
        return use(address);
      } finally {
        heap.free(address);
      }
    }

    statistics(): HeapStatistics {
      return heap.statistics();
    }
  }

  return new Backend();
}

/**
 * Values as an array of their own: a view into the heap (some stock kernels hand on a part of their input) is copied.
 */
function ownedValues(values: tf.backend_util.BackendValues): TensorData["values"] {
  if (values instanceof Float32Array && values.buffer instanceof SharedArrayBuffer) {
    return values.slice();
  }
  return values as TensorData["values"];
}
