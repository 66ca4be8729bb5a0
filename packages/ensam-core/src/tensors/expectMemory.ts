import { mebibytes, OutOfMemory } from "./outOfMemory.ts";
import { tf } from "./tf.ts";

/**
 * Refuses a computation that cannot fit before it begins. Devices that do not know their limit let everything pass.
 *
 * @param what         what is to be computed, for the message
 * @param neededBytes  its estimated peak, with all that has to be there for it
 * @param frugal       a way to need less, if there is one: mentioned where it would fit
 * @throws OutOfMemory when the open device's tensors may not take as many bytes together
 */
export function expectMemory(
  what: string,
  neededBytes: number,
  frugal?: { readonly how: string; readonly neededBytes: number },
): void {
  const { heapLimitBytes: limitBytes } = tf.memory() as { heapLimitBytes?: number };
  if (limitBytes === undefined || neededBytes <= limitBytes) return;
  const isWayOut = frugal !== undefined && frugal.neededBytes <= limitBytes;
  const wayOut = isWayOut ? `add ${frugal.how} to need ${mebibytes(frugal.neededBytes)} MiB, ` : "";
  const message =
    `memory: ${what}: expected to need at most ${mebibytes(limitBytes)} MiB, got an estimate of ` +
    `${mebibytes(neededBytes)} MiB: ${wayOut}lower --max-voxels, take a smaller preset or raise --memory`;
  throw new OutOfMemory(message, { neededBytes, limitBytes });
}
