import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OutOfMemory } from "../outOfMemory.ts";
import { createHeap } from "./heap.ts";

const page = 65536;
const memoryOf = (pages: number) => new WebAssembly.Memory({ initial: 1, maximum: pages, shared: true });

describe("the heap", () => {
  test("never hands out a byte twice, and gives all of them back", () => {
    const actions = fc.array(fc.oneof(fc.integer({ min: 1, max: 200_000 }), fc.constant("free")), { maxLength: 200 });
    fc.assert(
      fc.property(actions, fc.infiniteStream(fc.nat()), (list, picks) => {
        const heap = createHeap(memoryOf(4096), 1000, 4096 * page);
        const taken: { address: number; size: number }[] = [];
        for (const action of list) {
          if (action === "free" && taken.length > 0) {
            const [gone] = taken.splice(picks.next().value! % taken.length, 1);
            heap.free(gone!.address);
          } else if (typeof action === "number") {
            const address = heap.allocate(action);
            expect(address % 64).toBe(0);
            expect(address).toBeGreaterThanOrEqual(1000);
            for (const other of taken) {
              expect(address >= other.address + other.size || address + action <= other.address).toBe(true);
            }
            taken.push({ address, size: action });
          }
        }
        const { heapCapacityBytes } = heap.statistics();
        for (const { address } of taken) heap.free(address);
        expect(heap.statistics().heapBytes).toBe(0);
        // What was given back is one run again: as much as was ever taken fits at once without growing.
        const most = taken.reduce((sum, { size }) => sum + size, 0);
        if (most > 0) heap.allocate(most);
        expect(heap.statistics().heapCapacityBytes).toBe(heapCapacityBytes);
      }),
      { numRuns: 40 },
    );
  });

  test("uses a freed run again and counts the peak", () => {
    const heap = createHeap(memoryOf(4096), 0, 4096 * page);
    const first = heap.allocate(1000); // 1024 with the alignment
    heap.allocate(64);
    heap.free(first);
    expect(heap.allocate(1024)).toBe(first);
    expect(heap.statistics()).toMatchObject({ heapBytes: 1088, peakHeapBytes: 1088 });
    heap.free(first);
    expect(heap.statistics()).toMatchObject({ heapBytes: 64, peakHeapBytes: 1088 });
    heap.resetPeak();
    expect(heap.statistics().peakHeapBytes).toBe(64);
  });

  test("takes the first run that is large enough, although a later one fits better", () => {
    const heap = createHeap(memoryOf(4096), 0, 4096 * page);
    const [small, large, , fitting] = [256, 4096, 64, 1024, 64].map((size) => heap.allocate(size));
    for (const address of [small!, large!, fitting!]) heap.free(address);
    // 256 and 4096 are neighbours, so one run of 4352.
    expect([heap.allocate(1024), heap.allocate(1024)]).toEqual([small, small! + 1024]);
  });

  test("refuses to free what is not in use: freed before, inside of a run, or never handed out", () => {
    const heap = createHeap(memoryOf(4096), 0, 4096 * page);
    const [a, b] = [heap.allocate(64), heap.allocate(128)];
    heap.free(a);
    for (const address of [a, b + 64, 4096]) {
      expect(() => heap.free(address)).toThrow(`wasm: memory: expected an address in use to free, got ${address}`);
    }
    expect(heap.statistics().heapBytes).toBe(128);
  });

  test("says what it needed and what the limit is, and goes on afterwards", () => {
    const heap = createHeap(memoryOf(32), 0, 32 * page);
    expect(() => heap.allocate(4 * 1048576)).toThrow(OutOfMemory);
    expect(() => heap.allocate(4 * 1048576)).toThrow(
      "wasm: memory: expected room for 4.0 MiB, got a limit of 2.0 MiB with 0.0 MiB taken",
    );
    expect(heap.allocate(1048576)).toBe(0);
  });
});
