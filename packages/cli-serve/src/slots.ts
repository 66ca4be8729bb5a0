import { HttpError } from "./viewerRequest.ts";

/** A place for one session among all that are open. */
export interface Slot {
  /** Says that the session is in use, now. */
  touch(): void;
  /** Gives the place back; the second call does nothing. */
  release(): void;
}

export interface SlotOwner {
  /** Its client uploads the image again by itself, so it may be closed for another when all places are taken. */
  readonly comesBack: boolean;
  /** It is answering, so it stays. */
  isBusy(): boolean;
  /** Ends the session; its place is free already. */
  close(): void;
  /** Milliseconds without a sign of life after which it is closed, beside the common rule. */
  isLost?(now: number): boolean;
}

/** The places for sessions of all protocols. */
export interface Slots {
  readonly limit: number;
  readonly taken: number;
  readonly idleMilliseconds: number;
  /** @throws HttpError 503 when all places are taken by sessions in use */
  take(owner: SlotOwner): Slot;
  /** Closes sessions that were not used for long. */
  sweep(): void;
  /** Closes all. */
  close(): void;
}

export function openSlots(limit: number, idleMilliseconds: number, now: () => number = Date.now): Slots {
  /** Least recently used first. */
  const slots = new Map<SlotOwner, number>();

  function end(owner: SlotOwner): void {
    if (slots.delete(owner)) owner.close();
  }
  function sweep(): void {
    const time = now();
    for (const [owner, used] of [...slots]) {
      if (owner.isBusy()) continue;
      if (time - used > idleMilliseconds || owner.isLost?.(time)) end(owner);
    }
  }

  return {
    limit,
    idleMilliseconds,
    get taken() {
      return slots.size;
    },
    take(owner) {
      if (slots.size >= limit) sweep();
      if (slots.size >= limit) {
        const oldest = [...slots.keys()].find((candidate) => candidate.comesBack && !candidate.isBusy());
        if (oldest !== undefined) end(oldest);
      }
      if (slots.size >= limit) {
        throw new HttpError(503, `sessions: expected at most ${limit} at once (--sessions); try again later`, {
          "Retry-After": "10",
        });
      }
      slots.set(owner, now());
      return {
        touch() {
          if (!slots.delete(owner)) return;
          slots.set(owner, now());
        },
        release: () => end(owner),
      };
    },
    sweep,
    close() {
      for (const owner of [...slots.keys()]) end(owner);
    },
  };
}
