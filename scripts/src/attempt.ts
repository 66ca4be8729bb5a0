import { OutOfMemory } from "@ensam/core/tensors";
import type { OmittedRow } from "./benchRows.ts";
import { secondsNow } from "./benchTiming.ts";

/**
 * The rows of a measurement; where it fails, why, so that the others are made nevertheless. What would come after the
 * deadline (in seconds of the clock) is left out. Failures for other reasons than memory make the process end with 1; a
 * lost device throws.
 */
export async function* attempt<Row>(
  what: string,
  deadline: number,
  rowsOf: () => AsyncGenerator<Row>,
  now: () => number = secondsNow,
): AsyncGenerator<Row | OmittedRow> {
  if (now() >= deadline) {
    yield { type: "omitted", what, reason: "time budget" };
    return;
  }
  let isLate = false;
  try {
    for await (const row of rowsOf()) {
      if (isLate) {
        yield { type: "omitted", what: `the rest of ${what}`, reason: "time budget" };
        return;
      }
      yield row;
      isLate = now() >= deadline;
    }
  } catch (error) {
    const { message } = error as Error;
    if (message.includes("expected the device to stay")) throw error;
    if (!(error instanceof OutOfMemory)) process.exitCode = 1;
    yield { type: "omitted", what, reason: message };
  }
}
