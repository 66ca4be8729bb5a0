import { HttpError } from "./viewerRequest.ts";

const mostWaiting = 32;

/** Runs work one piece after the other, in the order of the calls. */
export interface Turns {
  /** @throws HttpError 429 when too many wait */
  <Value>(work: () => Promise<Value>): Promise<Value>;
  /** Pieces that run or wait. */
  readonly waiting: number;
}

export function openTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  const turns = <Value>(work: () => Promise<Value>): Promise<Value> => {
    if (waiting >= mostWaiting) {
      return Promise.reject(new HttpError(429, `session: expected at most ${mostWaiting} requests that wait`));
    }
    waiting++;
    const result = last.then(work).finally(() => waiting--);
    last = result.catch(() => undefined);
    return result;
  };
  return Object.defineProperty(turns, "waiting", { get: () => waiting }) as unknown as Turns;
}
