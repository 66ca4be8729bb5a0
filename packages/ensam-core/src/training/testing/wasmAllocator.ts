import { tf } from "../../tensors/index.ts";
import type { WasmBackend } from "../../tensors/wasm/backend.ts";
import { openWasm } from "../../tensors/wasm/openWasm.ts";
import type { Allocator } from "./failingAllocator.ts";

/** Opens `wasm` on one thread; returns its heap. */
export async function openWasmAllocator(): Promise<Allocator> {
  await openWasm({ threads: 1 });
  const { heap } = (tf.backend() as WasmBackend).engine;
  const { allocate } = heap;
  return {
    onAllocate(called) {
      heap.allocate = (bytes) => {
        called?.();
        return allocate(bytes);
      };
    },
    usedBytes: () => heap.statistics().heapBytes,
  };
}
