import { expect, test } from "vitest";
import { frameOf, wholeBox } from "../geometry/index.ts";
import { initParameters, parametersFromValues, presets } from "../model/index.ts";
import { OutOfMemory, tf } from "../tensors/index.ts";
import type { WasmBackend } from "../tensors/wasm/backend.ts";
import { openWasm } from "../tensors/wasm/openWasm.ts";
import { randomStream } from "../voxels/index.ts";
import { disposeEncoded, encodeFrame } from "./segmenter.ts";

test("an encoding that runs out of memory, wherever it does, leaves no tensor behind", async () => {
  const device = await openWasm({ threads: 1 });
  const config = presets.tiny;
  const parameters = parametersFromValues(config, initParameters(config, randomStream(1, "parameters")));
  const image = { data: new Uint8Array(8 ** 3).fill(100), shape: [8, 8, 8] as const };
  const frame = frameOf(image.shape, wholeBox(image.shape), 512);
  const { heap } = (tf.backend() as WasmBackend).engine;
  const { allocate } = heap;
  let left = Number.POSITIVE_INFINITY;
  let allocations = 0;
  heap.allocate = (bytes) => {
    allocations++;
    if (--left === 0) throw new OutOfMemory("test: full", { neededBytes: bytes, limitBytes: 0 });
    return allocate(bytes);
  };
  const encodeOnce = () => encodeFrame({ parameters, config, dispose: () => undefined }, image, frame);
  disposeEncoded(encodeOnce());
  allocations = 0;
  disposeEncoded(encodeOnce());
  const [all, tensors, bytes] = [allocations, tf.memory().numTensors, heap.statistics().heapBytes];
  expect(all).toBeGreaterThan(10);
  for (let failAt = 1; failAt <= all; failAt++) {
    left = failAt;
    expect(encodeOnce, `allocation ${failAt} of ${all}`).toThrow(OutOfMemory);
    expect([tf.memory().numTensors, heap.statistics().heapBytes]).toEqual([tensors, bytes]);
  }
  tf.dispose(parameters);
  device.dispose();
});
