import { InputError } from "@ensam/core/command";
import type { Prepared } from "@ensam/core/training";

/** So many different cases without a sample in a row are no longer bad cases among good ones. */
const mostInARow = 20;

/** The data are not there (any more), or cannot be read. */
export class SamplesLost extends InputError {
  /** The samples that failed since the last good one. */
  readonly failures: readonly Prepared[];

  constructor(failures: readonly Prepared[], why: string) {
    super(`${why}; the last: ${failures.at(-1)?.error}`);
    this.failures = failures;
  }
}

/**
 * The samples in their order, failed ones only once a good one has come after them: so whoever takes them is never
 * beyond the last good place when the data vanish.
 *
 * @param count  cases of the run
 * @throws SamplesLost for a sample whose file was there when the run began and is gone, and after too many failures in
 *   a row
 */
export async function* untilSamplesAreLost(
  samples: AsyncIterable<Prepared>,
  count: number,
): AsyncGenerator<Prepared, void, undefined> {
  let failed: Prepared[] = [];
  let hadGood = false;
  for await (const prepared of samples) {
    if (prepared.sample === undefined) {
      failed.push(prepared);
      const names = new Set(failed.map(({ case: name }) => name));
      if (prepared.isGone) throw new SamplesLost(failed, "expected the data to stay, got a file that is gone");
      if (names.size >= Math.min(count, mostInARow)) {
        const wanted = hadGood ? "samples" : "at least one case that gives a sample";
        throw new SamplesLost(failed, `expected ${wanted}, got ${names.size} that failed${hadGood ? " in a row" : ""}`);
      }
      continue;
    }
    hadGood = true;
    yield* failed;
    failed = [];
    yield prepared;
  }
  if (!hadGood && failed.some(({ isMissing }) => isMissing)) {
    throw new SamplesLost(failed, `expected the data to be there, got none of ${failed.length} files`);
  }
  yield* failed;
}
