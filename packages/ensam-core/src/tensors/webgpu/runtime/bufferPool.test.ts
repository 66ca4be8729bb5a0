import fc from "fast-check";
import { expect, test } from "vitest";
import { OutOfMemory } from "../../outOfMemory.ts";
import { createBufferPool, sizeClass } from "./bufferPool.ts";

const mebibyte = 1 << 20;

interface FakeBuffer {
  readonly size: number;
  readonly usage: number;
  isDestroyed: boolean;
  destroy(): void;
}

function fakePool(limitBytes = Number.POSITIVE_INFINITY, largestBytes = 1024 * mebibyte) {
  const made: FakeBuffer[] = [];
  const order: string[] = [];
  const pool = createBufferPool({
    limitBytes,
    largestBytes,
    create(size, usage) {
      const buffer: FakeBuffer = {
        size,
        usage,
        isDestroyed: false,
        destroy() {
          order.push("destroy");
          this.isDestroyed = true;
        },
      };
      made.push(buffer);
      return buffer as unknown as GPUBuffer;
    },
    beforeDestroy: () => order.push("before"),
  });
  return { pool, made, order };
}

test("a size class holds the size, wastes at most an eighth, and is its own class", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 33 }), (bytes) => {
      const size = sizeClass(bytes);
      expect(size).toBeGreaterThanOrEqual(bytes);
      expect(size % 256).toBe(0);
      if (bytes >= 2048) expect(size / bytes).toBeLessThanOrEqual(1.125 + 1e-9);
      expect(sizeClass(size)).toBe(size);
    }),
  );
  // 8 classes between 1 and 2 MiB.
  expect([1, 1.01, 1.13, 2].map((n) => sizeClass(n * mebibyte) / mebibyte)).toEqual([1, 1.125, 1.25, 2]);
});

test("a freed buffer is used again for a size of its class and the same usage only", () => {
  const { pool, made } = fakePool();
  const first = pool.acquireBuffer(mebibyte, 1);
  pool.releaseBuffer(first);
  expect(pool.acquireBuffer(mebibyte - 1000, 2)).not.toBe(first);
  expect(pool.acquireBuffer(mebibyte - 1000, 1)).toBe(first);
  expect(made.length).toBe(2);
  expect(pool.statistics()).toMatchObject({ heapBytes: 2 * mebibyte, heapCapacityBytes: 2 * mebibyte });
});

test("volumes of ever-changing shape do not make it grow beyond 5/4 of the peak and 64 MiB", () => {
  const { pool, made } = fakePool();
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 200 * mebibyte }), { maxLength: 6 }), (sizes) => {
      const buffers = sizes.map((size) => pool.acquireBuffer(size, 1));
      for (const buffer of buffers) pool.releaseBuffer(buffer);
      const { heapBytes, heapCapacityBytes, peakHeapBytes } = pool.statistics();
      expect(heapBytes).toBe(0);
      expect(heapCapacityBytes).toBeLessThanOrEqual(1.25 * peakHeapBytes + 64 * mebibyte);
      const alive = made.filter(({ isDestroyed }) => !isDestroyed).reduce((sum, { size }) => sum + size, 0);
      expect(alive).toBe(heapCapacityBytes);
    }),
    { numRuns: 300 },
  );
});

test("room is made from waiting buffers before a limit is an error, and waiting commands are told", () => {
  const { pool, made, order } = fakePool(3 * mebibyte);
  const [a, b] = [pool.acquireBuffer(mebibyte, 1), pool.acquireBuffer(mebibyte, 1)];
  pool.releaseBuffer(a);
  pool.releaseBuffer(b);
  const large = pool.acquireBuffer(2 * mebibyte, 1);
  expect(made.map(({ isDestroyed }) => isDestroyed)).toEqual([true, false, false]); // the one that waited longest
  expect(order).toEqual(["before", "destroy"]);
  pool.acquireBuffer(mebibyte, 1);
  expect(() => pool.acquireBuffer(1, 1)).toThrow(OutOfMemory);
  expect(() => pool.acquireBuffer(1, 1)).toThrow(
    "expected room for 0.0 MiB, got a limit of 3.0 MiB with 3.0 MiB taken",
  );
  pool.releaseBuffer(large);
  pool.acquireBuffer(1, 1);
});

test("a buffer without memory is never used again", () => {
  const { pool, made } = fakePool();
  const broken = pool.acquireBuffer(1000, 1);
  pool.discard(broken);
  pool.releaseBuffer(broken);
  expect(made[0]!.isDestroyed).toBe(true);
  expect(pool.acquireBuffer(1000, 1)).not.toBe(broken);
  const waiting = pool.acquireBuffer(1000, 1);
  pool.releaseBuffer(waiting);
  pool.discard(waiting);
  expect(pool.statistics().heapCapacityBytes).toBe(1024);
});
