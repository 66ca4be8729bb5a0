/// <reference types="@webgpu/types" />
import { mebibytes, OutOfMemory } from "../../outOfMemory.ts";

export interface PoolStatistics {
  /** Bytes of the buffers in use now. */
  readonly heapBytes: number;
  /** Most bytes that were in use at once since the pool was made or the peak was reset. */
  readonly peakHeapBytes: number;
  /** Bytes of all buffers, those kept for reuse included. */
  readonly heapCapacityBytes: number;
  /** Most bytes that all buffers may take. */
  readonly heapLimitBytes: number;
}

export interface PoolOptions {
  /** Most bytes that all buffers may take together. */
  readonly limitBytes: number;
  /** Most bytes of one buffer. */
  readonly largestBytes: number;
  create(bytes: number, usage: number, isMapped: boolean): GPUBuffer;
  /** Called before a buffer is destroyed, while commands that use it may not have been submitted. */
  beforeDestroy(buffer: GPUBuffer): void;
}

/** Buffers by size class, with the methods that the stock backend expects of its buffer manager. */
export interface BufferPool {
  /** A buffer of at least `size` bytes, not more than `largestBytes`; its content is anything. Throws `OutOfMemory`. */
  acquireBuffer(size: number, usage: number, mappedAtCreation?: boolean, reuse?: boolean): GPUBuffer;
  releaseBuffer(buffer: GPUBuffer, reuse?: boolean): void;
  /** Takes a buffer that never got its memory out of circulation. */
  discard(buffer: GPUBuffer): void;
  statistics(): PoolStatistics;
  resetPeak(): void;
  getNumUsedBuffers(): number;
  getNumFreeBuffers(): number;
  readonly numBytesUsed: number;
  readonly numBytesAllocated: number;
  dispose(): void;
}

const smallest = 256;
/** Sizes between two powers of two, so at most 1/8 of a buffer is unused. */
const classesPerDoubling = 8;
/** Buffers kept for reuse may take a quarter of the peak in use and this. */
const spareBytes = 64 << 20;

/** The size of the buffer that holds so many bytes. */
export function sizeClass(bytes: number): number {
  if (bytes <= smallest) return smallest;
  const step = Math.max(smallest, 2 ** Math.floor(Math.log2(bytes - 1)) / classesPerDoubling);
  return Math.ceil(bytes / step) * step;
}

/**
 * A pool of GPU buffers that volumes of ever-changing shape do not make grow: freed buffers wait in their size class,
 * and the ones that waited longest are destroyed once all buffers take more than 5/4 of the peak in use and 64 MiB. The
 * oldest of a class is handed out first, whatever the order in which they were freed: so equal steps soon get equal
 * buffers, and find their bind groups again.
 */
export function createBufferPool({ limitBytes, largestBytes, create, beforeDestroy }: PoolOptions): BufferPool {
  /** Waiting buffers by class, the oldest last. */
  const waiting = new Map<string, GPUBuffer[]>();
  /** When each was made. */
  const ages = new WeakMap<GPUBuffer, number>();
  let made = 0;
  /** All waiting buffers, the ones that wait longest first. */
  const byAge = new Set<GPUBuffer>();
  const inUse = new Set<GPUBuffer>();
  const dead = new WeakSet<GPUBuffer>();
  let [usedBytes, waitingBytes, peakBytes] = [0, 0, 0];

  const keyOf = (bytes: number, usage: number) => `${bytes} ${usage}`;

  function destroy(buffer: GPUBuffer): void {
    beforeDestroy(buffer);
    buffer.destroy();
  }

  /** Where a buffer belongs among others, of which the youngest comes first. */
  function placeOf(buffer: GPUBuffer, siblings: readonly GPUBuffer[]): number {
    const age = ages.get(buffer)!;
    let [low, high] = [0, siblings.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ages.get(siblings[middle]!)! > age) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Destroys waiting buffers until all take at most so many bytes. */
  function trim(allowedBytes: number): void {
    for (const buffer of byAge) {
      if (usedBytes + waitingBytes <= allowedBytes) return;
      byAge.delete(buffer);
      waitingBytes -= buffer.size;
      const siblings = waiting.get(keyOf(buffer.size, buffer.usage))!;
      siblings.splice(siblings.indexOf(buffer), 1);
      destroy(buffer);
    }
  }

  return {
    acquireBuffer(size, usage, mappedAtCreation = false, reuse = true) {
      const bytes = Math.min(sizeClass(size), largestBytes - (largestBytes % 4));
      const found = reuse ? waiting.get(keyOf(bytes, usage))?.pop() : undefined;
      if (found !== undefined) {
        byAge.delete(found);
        waitingBytes -= bytes;
      } else if (usedBytes + waitingBytes + bytes > limitBytes) {
        trim(limitBytes - bytes);
        if (usedBytes + bytes > limitBytes) {
          throw new OutOfMemory(
            `webgpu: memory: expected room for ${mebibytes(bytes)} MiB, got a limit of ${mebibytes(limitBytes)} MiB ` +
              `with ${mebibytes(usedBytes)} MiB taken`,
            { neededBytes: bytes, limitBytes },
          );
        }
      }
      const buffer = found ?? create(bytes, usage, mappedAtCreation);
      if (found === undefined) ages.set(buffer, made++);
      inUse.add(buffer);
      usedBytes += bytes;
      peakBytes = Math.max(peakBytes, usedBytes);
      return buffer;
    },

    releaseBuffer(buffer, reuse = true) {
      if (!inUse.delete(buffer)) return;
      usedBytes -= buffer.size;
      if (!reuse || dead.has(buffer)) {
        destroy(buffer);
        return;
      }
      const key = keyOf(buffer.size, buffer.usage);
      const siblings = waiting.get(key);
      if (siblings === undefined) waiting.set(key, [buffer]);
      else siblings.splice(placeOf(buffer, siblings), 0, buffer);
      byAge.add(buffer);
      waitingBytes += buffer.size;
      trim(peakBytes * 1.25 + spareBytes);
    },

    discard(buffer) {
      dead.add(buffer);
      if (!byAge.delete(buffer)) return;
      waitingBytes -= buffer.size;
      const siblings = waiting.get(keyOf(buffer.size, buffer.usage))!;
      siblings.splice(siblings.indexOf(buffer), 1);
      destroy(buffer);
    },

    statistics: () => ({
      heapBytes: usedBytes,
      peakHeapBytes: peakBytes,
      heapCapacityBytes: usedBytes + waitingBytes,
      heapLimitBytes: limitBytes,
    }),
    resetPeak() {
      peakBytes = usedBytes;
    },
    getNumUsedBuffers: () => inUse.size,
    getNumFreeBuffers: () => byAge.size,
    get numBytesUsed() {
      return usedBytes;
    },
    get numBytesAllocated() {
      return usedBytes + waitingBytes;
    },
    dispose() {
      for (const buffer of [...byAge, ...inUse]) buffer.destroy();
      waiting.clear();
      byAge.clear();
      inUse.clear();
      [usedBytes, waitingBytes] = [0, 0];
    },
  };
}
