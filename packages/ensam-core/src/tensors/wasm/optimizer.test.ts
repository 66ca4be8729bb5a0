import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../devices/device.ts";
import type { OperatorCase } from "../operatorCases.ts";
import { tf } from "../tf.ts";
import { adamwCase, muonCase, updateCases } from "../updateCases.ts";
import { backendName } from "./backend.ts";
import { heapStatistics, openWasm } from "./openWasm.ts";
import { relativeError, withWasm } from "./testing/compareDevices.ts";

/** What an operator gives on a device, for inputs made on it: they are the same everywhere. */
function valuesOn(device: string, operator: OperatorCase["operator"], inputs: OperatorCase["inputs"]): Float32Array {
  tf.setBackend(device);
  return tf.tidy(
    () =>
      operator(...inputs())
        .dataSync()
        .slice() as Float32Array,
  );
}

function errorOf({ operator, composed, inputs }: OperatorCase): number {
  const expected = valuesOn("cpu", composed, inputs);
  return relativeError(valuesOn(backendName, operator, inputs), expected);
}

describe("updates on wasm", () => {
  let device: Device;
  beforeAll(async () => {
    device = await openWasm({ threads: 2 });
  });
  afterAll(() => device.dispose());

  test.each(updateCases)("$name is that of the composed form, and leaves nothing behind", (example) => {
    expect(errorOf(example)).toBeLessThan(1e-5);
    const before = heapStatistics().heapBytes; // The threads' scratch memory is there to stay.
    errorOf(example);
    expect(heapStatistics().heapBytes).toBe(before);
  });

  test.each([[[1]], [[3]], [[130, 131]]])("AdamW of %j, with decay and without", (shape) => {
    for (const weightDecay of [0, 0.1]) expect(errorOf(adamwCase("", shape, weightDecay))).toBeLessThan(1e-6);
  });

  test.each([
    [
      "a row and a column",
      [
        [1, 33],
        [33, 1],
      ],
    ],
    [
      "a tall and a wide matrix",
      [
        [70, 9],
        [9, 70],
      ],
    ],
    ["kernels", [[6, 30, 3, 3, 3]]],
    // Sums in parts, symmetric products of several slabs, a last block that is full and one that is not.
    ["long sums", [[40, 30, 3, 3, 3]]],
    ["long sums and a block that is not full", [[45, 300]]],
  ])("Muon of %s", (_, shapes) => {
    expect(errorOf(muonCase("", shapes, 0.1))).toBeLessThan(1e-5);
  });
});

test("no number of threads changes a bit of an update", async () => {
  const example = muonCase("", [[48, 16, 3, 3, 3]], 0.1);
  const run = (threads: number) => withWasm({ threads }, () => valuesOn(backendName, example.operator, example.inputs));
  const alone = await run(1);
  expect(Buffer.from((await run(3)).buffer).equals(Buffer.from(alone.buffer))).toBe(true);
});
