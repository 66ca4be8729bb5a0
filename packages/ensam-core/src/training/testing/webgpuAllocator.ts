import { tf } from "../../tensors/index.ts";
import type { BufferPool } from "../../tensors/webgpu/runtime/bufferPool.ts";
import type { Allocator } from "./failingAllocator.ts";

/** The buffer pool of the open `webgpu` device. */
export function webgpuAllocator(): Allocator {
  const { pool } = tf.backend() as unknown as { pool: BufferPool };
  const { acquireBuffer } = pool;
  return {
    onAllocate(called) {
      pool.acquireBuffer = (...request) => {
        called?.();
        return acquireBuffer(...request);
      };
    },
    usedBytes: () => pool.statistics().heapBytes,
  };
}
