import type { ProtocolRow, StepRow } from "./benchRows.ts";

/** Training of the paper (2.4): passes over the coreset of at most 10 %. */
export const protocol = { epochs: 15, samples: 4471 } as const;

/**
 * What the paper's training would take. Every sample is a step through the network, however many are accumulated for an
 * update.
 *
 * @param seconds  of a training step on one sample
 */
export function protocolRow(
  { preset, shape, seconds }: Pick<StepRow, "preset" | "shape" | "seconds">,
  of: string,
): ProtocolRow {
  return {
    type: "protocol",
    of,
    preset,
    voxels: shape[0] * shape[1] * shape[2],
    ...protocol,
    samplesPerSecond: 1 / seconds,
    hours: (protocol.epochs * protocol.samples * seconds) / 3600,
  };
}
