/** The holds that running kernels have taken on tensors' data, so that a kernel which fails leaves nothing behind. */
export interface KernelScope {
  /** Notes that a kernel made a tensor's data, or holds it once more. */
  add(dataId: object): void;
  /** Notes that a hold was given back. */
  remove(dataId: object): void;
  /** Runs a kernel; if it throws, the holds it took and still has are given back. */
  guard<Result>(kernel: () => Result): Result;
}

/** @param giveBack  gives one hold back */
export function createKernelScope(giveBack: (dataId: object) => void): KernelScope {
  /** Of the innermost kernel that runs. */
  let taken: object[] | undefined;
  return {
    add: (dataId) => void taken?.push(dataId),
    remove(dataId) {
      const i = taken?.lastIndexOf(dataId) ?? -1;
      if (i >= 0) taken!.splice(i, 1);
    },
    guard(kernel) {
      const outer = taken;
      taken = [];
      try {
        const result = kernel();
        outer?.push(...taken);
        return result;
      } catch (error) {
        const made = taken;
        taken = undefined;
        for (const dataId of made.reverse()) giveBack(dataId);
        throw error;
      } finally {
        taken = outer;
      }
    },
  };
}
