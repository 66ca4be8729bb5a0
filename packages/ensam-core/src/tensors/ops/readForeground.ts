import { hasKernel, runKernel } from "../kernels.ts";
import { expectShapes } from "../shapes.ts";
import type { tf } from "../tf.ts";

/** What a training step has to know of an answer. */
export interface Answer {
  /** 1 where the logits are above 0, else 0; prod(shape) values. */
  readonly foreground: Uint8Array;
  /** Total, Dice and cross entropy; zeros if no loss was given. */
  readonly loss: readonly [total: number, dice: number, crossEntropy: number];
}

/**
 * Reads where logits are above 0, and with it a loss: one read of a bit for each voxel, where the device has a kernel
 * that packs them. What was computed before the call is read, whatever is asked of the device before the answer is
 * there.
 *
 * @param logits  of any shape
 * @param loss    what `diceCrossEntropy` gave, [3]
 */
export async function readForeground(logits: tf.Tensor, loss?: tf.Tensor): Promise<Answer> {
  expectShapes("readForeground", { loss: loss && [loss, [3]] });
  if (!hasKernel("EnsamForegroundBits")) return readComposed(logits, loss);
  const packed = runKernel("EnsamForegroundBits", { logits, ...(loss && { loss }) });
  try {
    const words = (await packed.data()) as Int32Array;
    const [total, dice, crossEntropy] = new Float32Array(words.buffer, words.byteOffset, 3);
    return { foreground: unpacked(words.subarray(3), logits.size), loss: [total!, dice!, crossEntropy!] };
  } finally {
    packed.dispose();
  }
}

async function readComposed(logits: tf.Tensor, loss?: tf.Tensor): Promise<Answer> {
  const [values, parts] = await Promise.all([logits.data(), loss?.data()]);
  const foreground = new Uint8Array(values.length);
  for (let i = 0; i < foreground.length; i++) if (values[i]! > 0) foreground[i] = 1;
  const [total = 0, dice = 0, crossEntropy = 0] = parts ?? [];
  return { foreground, loss: [total, dice, crossEntropy] };
}

/** Bits, the lowest of each word first, as bytes of 0 and 1. */
function unpacked(words: Int32Array, count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  for (let i = 0; i < count; i++) bytes[i] = (words[i >> 5]! >>> (i & 31)) & 1;
  return bytes;
}
