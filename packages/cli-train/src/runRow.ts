import type { Context, RunRow } from "@ensam/core/command";
import { writeFileAtomically } from "@ensam/core/files";
import type { RunFolder } from "@ensam/core/runs";
import type { Device } from "@ensam/core/tensors";
import type { TrainingState } from "@ensam/core/training";
import { commit, machine, versions } from "./machine.ts";
import type { TrainOptions } from "./options.ts";

export interface RunFacts {
  readonly state: TrainingState;
  readonly device: Device;
  readonly cases: number;
  readonly digest: string;
  readonly resumed: boolean;
  readonly from?: string;
}

/**
 * The first row of a run: options and where they came from, seed, versions, machine, input. Also written to run.json.
 */
export async function describeRun(
  { options, origins }: Context<TrainOptions>,
  folder: RunFolder,
  { state, device, cases, digest, resumed, from }: RunFacts,
): Promise<RunRow> {
  const sizes = Object.values(state.parameters).map(({ size }) => size);
  const revision = commit();
  const row: RunRow = {
    type: "run",
    options: { ...options },
    origins: { ...origins },
    seed: options.seed,
    versions: versions(),
    ...(revision !== undefined && { commit: revision }),
    device: device.description,
    threads: device.threads,
    parameters: sizes.reduce((total, size) => total + size, 0),
    config: state.config,
    cases,
    casesDigest: digest,
    step: state.step,
    resumed,
    ...(from !== undefined && { from }),
    machine: machine(),
    started: new Date().toISOString(),
  };
  await writeFileAtomically(folder.run, Buffer.from(`${JSON.stringify(row, null, 2)}\n`));
  return row;
}
