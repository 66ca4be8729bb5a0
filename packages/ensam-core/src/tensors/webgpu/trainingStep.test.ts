import { expect, test } from "vitest";
import { presets } from "../../model/index.ts";
import { readFixture, tinyCase, tinyGolden } from "../../model/testing/tinyCase.ts";
import { scriptedUser } from "../../prompts/index.ts";
import { gradientOfInteractions } from "../../training/index.ts";
import { tf } from "../tf.ts";
import { openWasm } from "../wasm/openWasm.ts";
import { openWebgpu, poolStatistics } from "./openWebgpu.ts";
import { relativeError } from "./testing/compare.ts";
import { describeOnWebgpu } from "./testing/software.ts";
import { trainOnce, valuesOf } from "./testing/trainOnce.ts";

const config = presets.tiny;

/** The entry with the largest difference, relative to its largest value. */
function worst(actual: Record<string, Float32Array>, expected: Record<string, Float32Array>): [string, number] {
  const errors = Object.keys(expected).map((name): [string, number] => {
    // A gradient that is zero but for rounding has no size of its own.
    const size = Math.max(1e-6, ...expected[name]!.map(Math.abs));
    return [
      name,
      relativeError(
        actual[name]!.map((v) => v / size),
        expected[name]!.map((v) => v / size),
      ),
    ];
  });
  return errors.reduce((a, b) => (b[1] > a[1] ? b : a));
}

await describeOnWebgpu("a training step", () => {
  test("has the losses, gradients and updates of wasm, and leaves nothing behind", async () => {
    const before = tf.memory().numTensors;
    const actual = await trainOnce();
    expect(tf.memory().numTensors).toBe(before);
    // The parameters and what else was there is freed; the buffers wait for the next step.
    expect(poolStatistics().heapBytes).toBeLessThan(1e4);
    const wasm = await openWasm({ threads: 1 });
    const expected = await trainOnce();
    wasm.dispose();
    await openWebgpu();

    expect(Math.abs(actual.loss / expected.loss - 1)).toBeLessThan(1e-4);
    const [name, error] = worst(actual.gradients, expected.gradients);
    console.log(
      `training step: loss ${actual.loss}, wasm ${expected.loss}; worst gradient ${name} ${error.toExponential(1)}`,
    );
    expect(error, name).toBeLessThan(1e-4);
    const [weight, change] = worst(actual.parameters, expected.parameters);
    // A first update by AdamW is the gradient's sign: that of a zero gradient is rounding.
    expect(change, weight).toBeLessThan(3e-3);
  });

  test("gives the same bits with its maps in several buffers, and leaves nothing behind", async () => {
    // The finest maps are of 256 and 512 KiB: 2 and 4 buffers, as those of the paper preset's 4,194,304 voxels at 128
    // MiB.
    const shape = [16, 32, 32] as const;
    const whole = await trainOnce(shape);
    const device = await openWebgpu({ largestBufferBytes: 128 << 10 });
    const inParts = await trainOnce(shape);
    expect(tf.memory().numTensors).toBe(0);
    expect(poolStatistics().heapBytes).toBeLessThan(1e4);
    device.dispose();
    await openWebgpu();
    expect(inParts.loss).toBe(whole.loss);
    expect(worst(inParts.gradients, whole.gradients)[1]).toBe(0);
    expect(worst(inParts.parameters, whole.parameters)[1]).toBe(0);
  });

  test("is the golden one", async () => {
    const [tiny, golden] = [tinyCase(), tinyGolden("tiny_gradients")];
    if (tiny === undefined || golden === undefined) return;
    const { parameters, volume, target, prompts } = tiny;
    const input = {
      volume: (await volume.data()) as Float32Array,
      target: Uint8Array.from(await target.data()),
      shape: volume.shape.slice(1, 4) as [number, number, number],
    };
    const result = await gradientOfInteractions(parameters, config, input, scriptedUser(prompts));
    const losses = readFixture<{ interactions: { total: number }[] }>("tiny_loss.json").interactions;
    losses.forEach(({ total }, k) => {
      expect(Math.abs(result.interactions[k]!.total / total - 1), `loss ${k}`).toBeLessThan(1e-5);
    });
    const expected = Object.fromEntries(Object.entries(golden).map(([name, { data }]) => [name, data]));
    const [name, error] = worst(await valuesOf(result.gradients), expected);
    console.log(`golden training step: worst gradient ${name} ${error.toExponential(1)}`);
    expect(error, name).toBeLessThan(3e-4);
  });
});
