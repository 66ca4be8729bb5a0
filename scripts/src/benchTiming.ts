export interface Measured {
  /** Seconds. */
  median: number;
  fastest: number;
  slowest: number;
}

const now = () => performance.now() / 1000;

/** Times a function: once to warm up, then `repeat` times, each long enough for the clock. */
export function measure(run: () => void, repeat: number, shortest = 0.05): Measured {
  run();
  const seconds: number[] = [];
  for (let i = 0; i < repeat; i++) {
    const start = now();
    let runs = 0;
    do {
      run();
      runs++;
    } while (now() - start < shortest);
    seconds.push((now() - start) / runs);
  }
  return summary(seconds);
}

/** The same for a function that returns a promise. */
export async function measureAsync(run: () => Promise<void>, repeat: number): Promise<Measured> {
  await run();
  const seconds: number[] = [];
  for (let i = 0; i < repeat; i++) {
    const start = now();
    await run();
    seconds.push(now() - start);
  }
  return summary(seconds);
}

function summary(seconds: number[]): Measured {
  const sorted = seconds.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)]!, fastest: sorted[0]!, slowest: sorted.at(-1)! };
}
