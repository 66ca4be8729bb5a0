import { tf } from "@ensam/core/tensors";
import { randomStream } from "@ensam/core/voxels";

const mostDrawn = 1 << 20;

/** Maps to measure on, freed together; also those that were made before memory ran out. */
export interface Maps {
  /** Values -1 to 1. */
  random(shape: readonly number[]): tf.Tensor;
  dispose(): void;
}

export function createMaps(): Maps {
  const made: tf.Tensor[] = [];
  return {
    random(shape) {
      const map = randomMap(shape);
      made.push(map);
      return map;
    },
    dispose() {
      tf.dispose(made);
    },
  };
}

/**
 * Values -1 to 1 of any shape. Of a large map some are drawn and repeated on the device: drawing half a gigabyte would
 * take longer than what is to be timed, and zeros would let a GPU run cooler than it does.
 */
function randomMap(shape: readonly number[]): tf.Tensor {
  let [drawn, copies] = [shape.reduce((product, n) => product * n, 1), 1];
  while (drawn > mostDrawn && drawn % 2 === 0) [drawn, copies] = [drawn / 2, copies * 2];
  const random = randomStream(1, "map", drawn);
  const values = new Float32Array(drawn);
  for (let i = 0; i < drawn; i++) values[i] = 2 * random.float() - 1;
  return tf.tidy(() => tf.reshape(tf.tile(tf.tensor1d(values), [copies]), [...shape]));
}
