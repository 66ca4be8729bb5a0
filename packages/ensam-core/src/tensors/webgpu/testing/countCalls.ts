/// <reference types="@webgpu/types" />
import { tf } from "../../tf.ts";

/** What was asked of Dawn. */
export interface Calls {
  dispatches: number;
  submits: number;
  buffers: number;
  bindGroups: number;
  writes: number;
  /** Reads, each awaited. */
  reads: number;
  bytesRead: number;
}

/** Runs and counts what the open GPU is asked for meanwhile, at Dawn's own objects. */
export async function countCalls(run: () => Promise<unknown>): Promise<Calls> {
  const { device } = tf.backend() as unknown as { device: GPUDevice };
  const calls: Calls = { dispatches: 0, submits: 0, buffers: 0, bindGroups: 0, writes: 0, reads: 0, bytesRead: 0 };
  const watched: [object: object, method: string, count: (args: unknown[]) => void][] = [
    [device, "createBuffer", () => calls.buffers++],
    [device, "createBindGroup", () => calls.bindGroups++],
    [device.queue, "writeBuffer", () => calls.writes++],
    [device.queue, "submit", () => calls.submits++],
    [GPUComputePassEncoder.prototype, "dispatchWorkgroups", () => calls.dispatches++],
    [
      GPUBuffer.prototype,
      "mapAsync",
      ([, , bytes]) => {
        calls.reads++;
        calls.bytesRead += bytes as number;
      },
    ],
  ];
  const restore = watched.map(([object, method, count]) => watch(object, method, count));
  try {
    await run();
    return calls;
  } finally {
    for (const each of restore) each();
  }
}

function watch(object: object, method: string, count: (args: unknown[]) => void): () => void {
  const methods = object as Record<string, (...args: unknown[]) => unknown>;
  const own = Object.getOwnPropertyDescriptor(object, method);
  const before = methods[method]!;
  Object.defineProperty(object, method, {
    configurable: true,
    writable: true,
    value(this: unknown, ...args: unknown[]) {
      count(args);
      return before.apply(this, args);
    },
  });
  return () => {
    if (own === undefined) delete methods[method];
    else Object.defineProperty(object, method, own);
  };
}
