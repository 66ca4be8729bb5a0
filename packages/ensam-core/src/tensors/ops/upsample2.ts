import { defineGradient, hasKernel, runKernel } from "../kernels.ts";
import { expectShapes } from "../shapes.ts";
import { tf } from "../tf.ts";

/**
 * Trilinear upsampling by 2 along all three axes, voxel centres aligned as in PyTorch's `align_corners=False`: each
 * output is 3/4 of the voxel it lies in and 1/4 of the nearest neighbour, along every axis; the border is repeated.
 *
 * @param x  [1, D, H, W, C]
 * @returns  [1, 2D, 2H, 2W, C]
 */
export function upsample2(x: tf.Tensor): tf.Tensor {
  checkUpsample(x);
  return hasKernel("EnsamUpsample2") ? runKernel("EnsamUpsample2", { x }) : upsample2Composed(x);
}

/** `upsample2` made of stock operators. */
export function upsample2Composed(x: tf.Tensor): tf.Tensor {
  checkUpsample(x);
  const [, depth, height, width, channels] = x.shape as [number, number, number, number, number];
  return tf.tidy(() => {
    const alongX = upsampleRows(tf.reshape(x, [depth * height, width, channels]));
    const alongY = upsampleRows(tf.reshape(alongX, [depth, height, 2 * width * channels]));
    const alongZ = upsampleRows(tf.reshape(alongY, [1, depth, 4 * height * width * channels]));
    return tf.reshape(alongZ, [1, 2 * depth, 2 * height, 2 * width, channels]);
  });
}

/** [outer, n, inner] -> [outer, 2n, inner]. */
function upsampleRows(x: tf.Tensor): tf.Tensor {
  const [outer, n, inner] = x.shape as [number, number, number];
  const first = tf.slice(x, [0, 0, 0], [outer, 1, inner]);
  const last = tf.slice(x, [0, n - 1, 0], [outer, 1, inner]);
  const before = n === 1 ? first : tf.concat([first, tf.slice(x, [0, 0, 0], [outer, n - 1, inner])], 1);
  const after = n === 1 ? last : tf.concat([tf.slice(x, [0, 1, 0], [outer, n - 1, inner]), last], 1);
  const near = tf.mul(x, 0.75);
  const even = tf.add(near, tf.mul(before, 0.25));
  const odd = tf.add(near, tf.mul(after, 0.25));
  return tf.reshape(tf.stack([even, odd], 2), [outer, 2 * n, inner]);
}

defineGradient("EnsamUpsample2", {
  gradients: ([dy]) => ({ x: () => runKernel("EnsamUpsample2Gradient", { dy: dy! }) }),
});

function checkUpsample(x: tf.Tensor): void {
  expectShapes("upsample2", { x: [x, [1, "D", "H", "W", "C"]] });
}
