import { mebibytes, OutOfMemory } from "./outOfMemory.ts";
import { tf } from "./tf.ts";

/**
 * Refuses a computation that cannot fit before it begins. Devices that do not know their limit let everything pass.
 *
 * @param what         what is to be computed, for the message
 * @param neededBytes  its estimated peak, with all that has to be there for it
 * @param wayOut       what the user can do, for the message, from the limit in bytes
 * @throws OutOfMemory when the open device's tensors may not take as many bytes together
 */
export function expectMemory(what: string, neededBytes: number, wayOut?: (limitBytes: number) => string): void {
  const { heapLimitBytes: limitBytes } = tf.memory() as { heapLimitBytes?: number };
  if (limitBytes === undefined || neededBytes <= limitBytes) return;
  const message =
    `memory: ${what}: expected to need at most ${mebibytes(limitBytes)} MiB, got an estimate of ` +
    `${mebibytes(neededBytes)} MiB${wayOut === undefined ? "" : `: ${wayOut(limitBytes)}`}`;
  throw new OutOfMemory(message, { neededBytes, limitBytes });
}
