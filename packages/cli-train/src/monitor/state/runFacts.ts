import { finite, isRecord, type LogRow, text } from "@ensam/core/runs";

/** What the views need of a run row. */
export interface RunFacts {
  readonly preset?: string;
  readonly device?: string;
  readonly parameters?: number;
  readonly cases?: number;
  /** Epochs that the run takes part in. */
  readonly epochs?: number;
  readonly stepsPerEpoch?: number;
  /** Optimizer steps of the whole run, as planned. */
  readonly totalSteps?: number;
  /** Validations of the whole run, as planned. */
  readonly validations?: number;
  /** Memory of the machine. */
  readonly memoryBytes?: number;
  /** Seconds since 1970 by the clock of the training machine. */
  readonly startedSeconds?: number;
}

export function runFacts(row: LogRow): RunFacts {
  const options = isRecord(row.options) ? row.options : {};
  const machine = isRecord(row.machine) ? row.machine : {};
  const cases = finite(row.cases);
  const epochs = finite(options.epochs);
  const stepsPerEpoch = cases === undefined ? undefined : Math.ceil(cases / (finite(options.accumulate) ?? 1));
  const allEpochs = stepsPerEpoch !== undefined && epochs !== undefined ? stepsPerEpoch * epochs : Infinity;
  const totalSteps = Math.min(allEpochs, finite(options.maxSteps) ?? Infinity);
  const started = Date.parse(text(row.started) ?? "") / 1000;
  const every = finite(options.validateEvery) ?? stepsPerEpoch;
  return {
    preset: text(options.preset),
    device: text(row.device),
    parameters: finite(row.parameters),
    cases,
    epochs: stepsPerEpoch && Number.isFinite(totalSteps) ? Math.ceil(totalSteps / stepsPerEpoch) : epochs,
    stepsPerEpoch,
    totalSteps: Number.isFinite(totalSteps) ? totalSteps : undefined,
    validations:
      text(options.validate) === undefined || every === undefined || !Number.isFinite(totalSteps)
        ? undefined
        : Math.ceil(totalSteps / every),
    memoryBytes: finite(machine.memoryBytes),
    startedSeconds: Number.isFinite(started) ? started : undefined,
  };
}
