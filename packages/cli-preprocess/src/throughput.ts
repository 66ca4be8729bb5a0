import { duration } from "@ensam/core/command";

/** Below this a rate says nothing, seconds. */
const shortest = 10;

/** Starts a clock; its return says how many cases a minute were done; undefined where the time was too short to say. */
export function startThroughput(
  now = () => performance.now() / 1000,
): (cases: number, jobs: number) => string | undefined {
  const start = now();
  return (cases, jobs) => {
    const seconds = now() - start;
    if (seconds < shortest) return undefined;
    const rate = Number(((60 * cases) / seconds).toPrecision(3));
    return `${cases} cases in ${duration(seconds)}: ${rate} a minute, ${jobs} at once`;
  };
}
