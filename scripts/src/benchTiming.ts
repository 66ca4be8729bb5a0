export interface Measured {
  /** Seconds of one run. */
  median: number;
  fastest: number;
  slowest: number;
  /** How many samples were taken. */
  samples: number;
}

export interface Timing {
  /** Samples to take. */
  readonly repeat: number;
  /** Runs before the first sample: kernels compile, caches fill. */
  readonly warmUps: number;
  /** Seconds that a sample takes at least: as many runs as that needs. */
  readonly shortest: number;
  /** Waits until the device has done what it was asked to do. */
  readonly settle: () => Promise<void>;
  /** No sample but the first is begun after this, in seconds of `now`. */
  readonly deadline: number;
  /** The clock, in seconds. */
  readonly now: () => number;
}

/** What tells how to time on a device. */
export interface TimedDevice {
  readonly gpu?: unknown;
  readonly finished?: () => Promise<void>;
}

const mostRuns = 4096;

export const secondsNow = () => performance.now() / 1000;

/**
 * How to time on a device: on a GPU, where launching takes longer than a small kernel, in longer samples, and after one
 * more run for the pipelines.
 */
export function timingOn({ gpu, finished }: TimedDevice, repeat: number, deadline = Number.POSITIVE_INFINITY): Timing {
  const [warmUps, shortest] = gpu === undefined ? [1, 0.05] : [2, 0.2];
  return { repeat, warmUps, shortest, settle: finished ?? (async () => undefined), deadline, now: secondsNow };
}

/** Times a function; the device is waited for once in a sample, not after each run. */
export async function measure(run: () => unknown, timing: Timing): Promise<Measured> {
  const { repeat, warmUps, shortest, deadline, now } = timing;
  for (let i = 0; i < warmUps; i++) await secondsOf(run, 1, timing);
  let runs = 1;
  let first = await secondsOf(run, runs, timing);
  while (first < shortest && runs < mostRuns && now() < deadline) {
    runs = Math.min(mostRuns, Math.max(2 * runs, Math.ceil((runs * shortest) / first)));
    first = await secondsOf(run, runs, timing);
  }
  const seconds = [first / runs];
  while (seconds.length < repeat && now() < deadline) seconds.push((await secondsOf(run, runs, timing)) / runs);
  const sorted = seconds.sort((a, b) => a - b);
  return {
    median: sorted[Math.floor(sorted.length / 2)]!,
    fastest: sorted[0]!,
    slowest: sorted.at(-1)!,
    samples: sorted.length,
  };
}

async function secondsOf(run: () => unknown, runs: number, { settle, now }: Timing): Promise<number> {
  const start = now();
  for (let i = 0; i < runs; i++) {
    const result = run();
    if (result instanceof Promise) await result;
  }
  await settle();
  return now() - start;
}
