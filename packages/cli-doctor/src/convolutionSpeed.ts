import { conv3d, tf } from "@ensam/core/tensors";
import type { ConvolutionSpeed } from "./doctorRows.ts";

const channels = 16;
const fullSide = 48;
/** For devices that would take long at the full size. */
const smallSide = 16;
const longestEstimate = 1;
const shortestRound = 0.05;
const rounds = 5;

/** Measures a convolution of 3 on the current device, 16 to 16 channels at 48³, or 16³ where that would take over a second. */
export async function convolutionSpeed(): Promise<ConvolutionSpeed> {
  const small = await measure(smallSide);
  const estimate = small.seconds * (fullSide / smallSide) ** 3;
  return estimate > longestEstimate ? small : measure(fullSide);
}

async function measure(side: number): Promise<ConvolutionSpeed> {
  const x = tf.randomNormal([1, side, side, side, channels], 0, 1, "float32", 1);
  const weight = tf.randomNormal([channels, channels, 3, 3, 3], 0, 1, "float32", 2);
  try {
    await secondsPerRun(x, weight, 1); // Compiles and fills caches.
    let runs = 1;
    let round = await secondsPerRun(x, weight, runs);
    while (round * runs < shortestRound && runs < 1024) {
      runs *= 2;
      round = await secondsPerRun(x, weight, runs);
    }
    const seconds = [round];
    while (seconds.length < rounds) seconds.push(await secondsPerRun(x, weight, runs));
    const median = seconds.sort((a, b) => a - b)[Math.floor(rounds / 2)]!;
    const operations = 2 * 27 * channels * channels * side ** 3;
    return { channels, side, seconds: median, gflops: operations / median / 1e9 };
  } finally {
    tf.dispose([x, weight]);
  }
}

/** Convolutions one after the other; a single number of the last is read, so that a GPU's queue is waited for. */
async function secondsPerRun(x: tf.Tensor, weight: tf.Tensor, runs: number): Promise<number> {
  const start = performance.now();
  for (let i = 1; i < runs; i++) conv3d(x, weight).dispose();
  const corner = tf.tidy(() => tf.slice(conv3d(x, weight), [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]));
  await corner.data();
  corner.dispose();
  return (performance.now() - start) / 1000 / runs;
}
