import type { tf } from "../tf.ts";
import { createKernelScope } from "./kernelScope.ts";
import type { TensorInfo } from "./tensorInfo.ts";

/** What our backends add to the stock ones they extend. */
export interface OwnBackend extends tf.KernelBackend {
  /** Runs a kernel; if it fails, what it had made is freed. */
  guard<Result>(this: void, kernel: () => Result): Result;
  /**
   * Something made from a tensor's values for the kernels' sake, such as packed weights: made when first asked for
   * under a name, kept until the tensor's data goes.
   *
   * @param make  makes it; leaves nothing behind if it throws
   * @param free  frees it
   */
  derived<Made>(tensor: TensorInfo, name: string, make: () => Made, free: (made: Made) => void): Made;
  /** A tensor whose values are those of another one. */
  share(tensor: TensorInfo): TensorInfo;
}

// biome-ignore lint/suspicious/noExplicitAny: a mixin's constructor takes what the class below it takes
type BackendClass = new (...parts: any[]) => tf.KernelBackend;

/** What the mixin adds, said here because a declaration cannot name a private member of a class without a name. */
// biome-ignore lint/suspicious/noExplicitAny: as above
type OwnBackendClass = new (...parts: any[]) => OwnBackend & { tookHold(dataId: object): void };

interface Derived {
  readonly made: unknown;
  free(): void;
}

/**
 * A backend class with what all of ours have. Tensors that kernels make come from `write`, or are told to `tookHold`.
 */
export function ownBackend<Stock extends BackendClass>(Stock: Stock): Stock & OwnBackendClass {
  return class extends Stock implements OwnBackend {
    readonly scope = createKernelScope((dataId) => void this.disposeData(dataId));
    readonly derivedOf = new WeakMap<object, Map<string, Derived>>();
    readonly guard = this.scope.guard;

    /** Says that the kernel that runs made a tensor's data. */
    tookHold(dataId: object): void {
      this.scope.add(dataId);
    }

    override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): object {
      const dataId = super.write(values, shape, dtype);
      this.scope.add(dataId);
      return dataId;
    }

    override incRef(dataId: object): void {
      super.incRef(dataId);
      this.scope.add(dataId);
    }

    override disposeData(dataId: object, force = false): boolean {
      const isGone = super.disposeData(dataId, force);
      this.scope.remove(dataId);
      if (isGone) {
        for (const { free } of this.derivedOf.get(dataId)?.values() ?? []) free();
        this.derivedOf.delete(dataId);
      }
      return isGone;
    }

    derived<Made>({ dataId }: TensorInfo, name: string, make: () => Made, free: (made: Made) => void): Made {
      const known = this.derivedOf.get(dataId)?.get(name);
      if (known !== undefined) return known.made as Made;
      const made = make();
      const all = this.derivedOf.get(dataId) ?? new Map<string, Derived>();
      all.set(name, { made, free: () => free(made) });
      this.derivedOf.set(dataId, all);
      return made;
    }

    share({ dataId, shape, dtype }: TensorInfo): TensorInfo {
      this.incRef(dataId);
      return { dataId, shape, dtype };
    }
  };
}
