import fc from "fast-check";
import { expect, test } from "vitest";
import { tf } from "../tensors/index.ts";
import { describeOnDevices } from "../tensors/testing/devices.ts";
import { expectAllClose } from "../tensors/testing/expectAllClose.ts";
import { gaussian } from "../tensors/testing/operatorCases.ts";
import { absoluteFeatures } from "./absolute.ts";
import { liereRotations } from "./liere.ts";
import { gridPoints } from "./positions.ts";
import { ropeRotations } from "./rope.ts";

type Point = readonly [number, number, number];

/** R(a)ᵀ R(b), all that a score sees of two positions. */
function between(rotate: (points: tf.Tensor) => tf.Tensor, a: Point, b: Point): Float32Array {
  return tf.tidy(() => {
    const [first, second] = tf.unstack(rotate(tf.tensor2d([[...a], [...b]]))) as tf.Tensor2D[];
    return tf.matMul(first!, second!, true).dataSync() as Float32Array;
  });
}

const shifted = (point: Point, by: Point): Point => [point[0] + by[0], point[1] + by[1], point[2] + by[2]];
const coordinate = fc.double({ min: 0, max: 1, noNaN: true });
const point = fc.tuple(coordinate, coordinate, coordinate);

describeOnDevices("positions", () => {
  test("rope's scores depend on the relative position of two tokens only", () => {
    const parameters = { "position.frequencies": tf.mul(gaussian([3, 4], 1), 6) };
    const rotate = (points: tf.Tensor) => ropeRotations(parameters, points);
    fc.assert(
      fc.property(point, point, point, (a, b, shift) => {
        const moved = between(rotate, shifted(a, shift), shifted(b, shift));
        expectAllClose(moved, between(rotate, a, b), { atol: 1e-4 });
      }),
      { numRuns: 20 },
    );
  });

  test("liere's scores do not, in general: its generators do not commute", () => {
    const parameters = { "position.generators": tf.randomUniform([3, 8, 8], 0, 2 * Math.PI, "float32", 1) };
    const rotate = (points: tf.Tensor) => liereRotations(parameters, points);
    const [a, b, shift] = [[0.1, 0.2, 0.3], [0.4, 0.1, 0.2], [0.3, 0.2, 0.1]] as const; // biome-ignore format: positions
    const [here, there] = [between(rotate, a, b), between(rotate, shifted(a, shift), shifted(b, shift))];
    const largest = Math.max(...here.map((value, i) => Math.abs(value - there[i]!)));
    expect(largest).toBeGreaterThan(0.1);
  });

  test("with commuting generators of 2×2 blocks liere is rope", () => {
    tf.tidy(() => {
      const frequencies = gaussian([3, 2], 4);
      const [values, size] = [frequencies.dataSync(), 4];
      const generators = new Float32Array(3 * size * size);
      // Block b has -ω above its diagonal: exp of [[0, -θ], [θ, 0]] turns by θ.
      for (let a = 0; a < 3; a++) {
        for (let b = 0; b < 2; b++) generators[(a * size + 2 * b) * size + 2 * b + 1] = -values[a * 2 + b]!;
      }
      const points = gaussian([5, 3], 5);
      const liere = liereRotations({ "position.generators": tf.tensor3d(generators, [3, size, size]) }, points);
      expectAllClose(liere.dataSync(), ropeRotations({ "position.frequencies": frequencies }, points).dataSync(), {
        atol: 1e-5,
      });
    });
  });

  test("absolute features are sine and cosine of 2π(2p - 1)B", () => {
    const parameters = { "position.frequencies": tf.tensor2d([[0.5], [0], [0.25]]) };
    // p = (0.75, 0.1, 1): 2π (0.5·0.5 + 0.25·1) = π
    const features = absoluteFeatures(parameters, tf.tensor2d([[0.75, 0.1, 1]]));
    expectAllClose(features.dataSync(), [0, -1]);
  });

  test("voxel centres are divided by the longest axis, so the grid is isotropic", () => {
    expectAllClose(gridPoints([1, 2, 4]).slice(0, 6), [0.125, 0.125, 0.125, 0.125, 0.125, 0.375]);
    expectAllClose(gridPoints([1, 2, 4]).slice(-3), [0.125, 0.375, 0.875]);
  });

  test("in mm the axis that is longest in mm spans 0 to 1, and cells are as long as they are", () => {
    // 3 cells of 4 mm, 4 of 2 mm, 2 of 1 mm: the longest axis is z, 12 mm.
    const points = gridPoints([3, 4, 2], [4, 2, 1]);
    expectAllClose(points.slice(0, 3), [2 / 12, 1 / 12, 0.5 / 12]);
    expectAllClose(points.slice(-3), [10 / 12, 7 / 12, 1.5 / 12]);
  });
});
