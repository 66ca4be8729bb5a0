import { beforeAll, describe, expect, test } from "vitest";
import { openDevice, orthogonalize, tf } from "../tensors/index.ts";
import { expectAllClose } from "../tensors/testing/expectAllClose.ts";
import { noLeaks } from "../tensors/testing/noLeaks.ts";
import {
  averageWeights,
  clipByGlobalNorm,
  disposeTensors,
  learningRateAt,
  normalizeWeights,
  optimizer,
} from "./index.ts";

beforeAll(async () => {
  await openDevice("cpu");
});

describe("optimizer", () => {
  test("a parameter without a gradient stays, and so does what is remembered of it", () => {
    const { init, update } = optimizer({ grouping: "hidden", weightDecay: 0.5 });
    noLeaks(() => {
      const parameters = { "a.weight": tf.ones([2, 2]), "a.bias": tf.ones([2]) };
      const state = init(parameters);
      expect(Object.keys(state.tensors)).toEqual(["a.weight.momentum", "a.bias.mean", "a.bias.square"]);
      const next = update(parameters, {}, state, 0.1);
      expectAllClose(next.parameters["a.weight"]!.dataSync(), [1, 1, 1, 1]);
      expectAllClose(next.parameters["a.bias"]!.dataSync(), [1, 1]);
      expectAllClose(next.state.tensors["a.bias.square"]!.dataSync(), [0, 0]);
      for (const record of [parameters, state.tensors, next.parameters, next.state.tensors]) disposeTensors(record);
    });
  });

  test.each([
    ["bias", [3], "adamwUpdate: gradient: expected [3], got [4]"],
    ["weight", [3, 2], "muonUpdate: parameter 0: gradient: expected [3, 2], got [4]"],
  ])("a gradient that has not the shape of its %s is refused", (name, shape, message) => {
    const { init, update } = optimizer({ grouping: "hidden" });
    const parameters = { [name]: tf.ones(shape) };
    expect(() => update(parameters, { [name]: tf.ones([4]) }, init(parameters), 0.1)).toThrow(message);
  });

  test("the first step of AdamW moves every value by the learning rate against its gradient's sign", () => {
    const { init, update } = optimizer({ grouping: "adamw" });
    const parameters = { bias: tf.tensor1d([1, 1, 1]) };
    const next = update(parameters, { bias: tf.tensor1d([4, -0.01, 0]) }, init(parameters), 0.1);
    expectAllClose(next.parameters.bias!.dataSync(), [0.9, 1.1, 1]);
  });

  test("Muon's momentum is Nesterov's and its direction has the shape of the weight", () => {
    // A 1×2 matrix: its direction is its unit vector times one number, the same for all lengths.
    const { init, update } = optimizer({ grouping: "paper" });
    const parameters = { weight: tf.tensor2d([[0, 0]]) };
    const first = update(parameters, { weight: tf.tensor2d([[3, 4]]) }, init(parameters), 1);
    const moved = first.parameters.weight!.dataSync();
    expect(moved[0]! / moved[1]!).toBeCloseTo(3 / 4, 5);
    // momentum 0.95·[3, 4] + [0, 1] = [2.85, 4.8]; update [0, 1] + 0.95·[2.85, 4.8] = [2.7075, 5.56]
    const second = update(first.parameters, { weight: tf.tensor2d([[0, 1]]) }, first.state, 1);
    expectAllClose(second.state.tensors["weight.momentum"]!.dataSync(), [2.85, 4.8]);
    const change = tf.sub(second.parameters.weight!, first.parameters.weight!).dataSync();
    expect(change[0]! / change[1]!).toBeCloseTo(2.7075 / 5.56, 5);
  });

  test("orthogonalizing commutes with transposition and with the order of rows", () => {
    const matrix = tf.randomNormal([5, 8], 0, 1, "float32", 3) as tf.Tensor2D;
    const whole = orthogonalize(matrix);
    expectAllClose(orthogonalize(tf.transpose(matrix)).dataSync(), tf.transpose(whole).dataSync(), { atol: 1e-5 });
    expectAllClose(orthogonalize(tf.reverse(matrix, 0)).dataSync(), tf.reverse(whole, 0).dataSync(), { atol: 1e-5 });
  });
});

describe("around the optimizer", () => {
  test("gradients are clipped by their joint length", () => {
    noLeaks(() => {
      const gradients = { a: tf.tensor1d([3]), b: tf.tensor2d([[4]]) };
      const { gradients: clipped, norm } = clipByGlobalNorm(gradients, 1);
      expect(norm.dataSync()[0]).toBeCloseTo(5, 6); // √(3² + 4²)
      expectAllClose(clipped.a!.dataSync(), [0.6]);
      expectAllClose(clipped.b!.dataSync(), [0.8]);
      const short = clipByGlobalNorm(gradients, 10);
      expectAllClose(short.gradients.b!.dataSync(), [4]);
      for (const record of [gradients, clipped, short.gradients]) disposeTensors(record);
      tf.dispose([norm, short.norm]);
    });
  });

  test("the learning rate halves at the start of each listed epoch", () => {
    const schedule = { learningRate: 0.8, halveAt: [2, 5] };
    expect([0, 1, 2, 4, 5, 9].map((epoch) => learningRateAt(schedule, epoch))).toEqual([0.8, 0.8, 0.4, 0.4, 0.2, 0.2]);
  });

  test("rows and columns come to unit length, zero stays zero, the rest is copied", () => {
    noLeaks(() => {
      const matrix = () => tf.tensor2d([[3, 0], [4, 0]]); // biome-ignore format: a matrix
      const parameters = { rows: matrix(), columns: matrix(), other: matrix() };
      const next = normalizeWeights(parameters, { rows: 1, columns: 0 });
      expectAllClose(next.rows!.dataSync(), [1, 0, 1, 0]);
      expectAllClose(next.columns!.dataSync(), [0.6, 0, 0.8, 0]);
      expectAllClose(next.other!.dataSync(), [3, 0, 4, 0]);
      for (const record of [parameters, next]) disposeTensors(record);
    });
  });

  test("a moving average goes the rest of the way toward the weights", () => {
    noLeaks(() => {
      const [averages, parameters] = [{ a: tf.tensor1d([1]) }, { a: tf.tensor1d([2]) }];
      const next = averageWeights(averages, parameters, 0.9);
      expectAllClose(next.a!.dataSync(), [1.1]); // 0.9·1 + 0.1·2
      for (const record of [averages, parameters, next]) disposeTensors(record);
    });
  });
});
