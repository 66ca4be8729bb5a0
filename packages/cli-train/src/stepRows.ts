import type { Context, Progress } from "@ensam/core/command";
import type { TrainingEvent } from "@ensam/core/training";
import type { Failures } from "./failures.ts";
import type { RunLog } from "./runLog.ts";
import { skipRow, stepRow } from "./stepRow.ts";

/** Tells what happens in training, as rows and notes. */
export interface StepRows {
  take(event: TrainingEvent): Promise<void>;
  /** Samples so far. */
  samples(): number;
}

export interface StepRowsParts {
  readonly log: RunLog;
  readonly progress: Progress;
  readonly failures: Failures;
  readonly epochsDone: () => number;
}

export function openStepRows(
  context: Context<object>,
  { log, progress, failures, epochsDone }: StepRowsParts,
): StepRows {
  const pooledAgain: string[] = [];
  let samples = 0;
  return {
    samples: () => samples,
    async take(event) {
      if (event.type === "failure") await failures.add(event.case, "sample", event.error);
      if (event.type === "retry") {
        pooledAgain.push(event.case);
        context.log.warn(`${event.case}: out of memory, tried again at [${event.shape}]: ${event.error}`);
      }
      if (event.type === "step") {
        samples += event.records.length;
        const row = stepRow(event, epochsDone());
        await log.write(pooledAgain.length === 0 ? row : { ...row, pooledAgain: pooledAgain.splice(0) });
        progress.advance(1, `loss ${row.loss?.toFixed(4)}`);
      }
      if (event.type === "skip") {
        samples += event.records.length;
        const row = skipRow(event, epochsDone());
        context.log.warn(`step ${row.step} is left out (${row.inARow} in a row): ${row.reason}`);
        await log.write(row);
      }
    },
  };
}
