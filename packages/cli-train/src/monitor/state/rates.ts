import type { MonitorState } from "./monitorState.ts";

/** Speeds over the last steps; undefined until there is a step. */
export interface Rates {
  readonly secondsPerStep: number;
  readonly samplesPerSecond: number;
  readonly voxelsPerSecond: number;
  /** Part of the time that training waited for samples, 0..1. */
  readonly waitingShare: number;
}

export function rates({ recent }: MonitorState): Rates | undefined {
  const sum = (key: keyof (typeof recent)[number]) => recent.reduce((total, step) => total + step[key], 0);
  const seconds = sum("seconds");
  if (recent.length === 0 || seconds <= 0) return undefined;
  return {
    secondsPerStep: seconds / recent.length,
    samplesPerSecond: sum("samples") / seconds,
    voxelsPerSecond: sum("voxels") / seconds,
    waitingShare: Math.min(1, Math.max(0, sum("waitingSeconds") / seconds)),
  };
}

/** Seconds until the planned end: remaining steps at the speed of the last ones, and remaining validations. */
export function secondsLeft(state: MonitorState): number | undefined {
  const { run, step, validations } = state;
  const speed = rates(state);
  if (run?.totalSteps === undefined || speed === undefined || state.end !== undefined) return undefined;
  const steps = Math.max(0, run.totalSteps - step);
  const perValidation = validations.count === 0 ? 0 : validations.seconds / validations.count;
  const toValidate = Math.max(0, (run.validations ?? 0) - validations.count);
  return steps * speed.secondsPerStep + toValidate * perValidation;
}
