import type { Segmenter } from "../inference/index.ts";
import {
  EventError,
  openSession,
  type Session,
  type SessionAnswer,
  type SessionEvent,
  type SessionOptions,
} from "../session/index.ts";
import type { Grid } from "../voxels/index.ts";
import { eventRefused, type SessionLog } from "./sessionLog.ts";

/** A session whose every event is in its log before it is answered. */
export interface LoggedSession extends Pick<Session, "shape" | "labels" | "report" | "events" | "dispose"> {
  apply(event: SessionEvent): Promise<SessionAnswer>;
}

/**
 * Opens a session with what its log holds. Without a log nothing is written.
 *
 * @throws FileError when an event of the log cannot be taken
 */
export async function openLoggedSession(
  segmenter: Segmenter,
  image: Grid<Uint8Array>,
  options: SessionOptions,
  log?: SessionLog,
  onStep?: (done: number, all: number) => void,
): Promise<LoggedSession> {
  const session = openSession(segmenter, image, options);
  try {
    if (log !== undefined && log.events.length > 0) await session.restore(log.events, onStep);
  } catch (error) {
    session.dispose();
    throw error instanceof EventError ? eventRefused(log!, error) : error;
  }
  let queue: Promise<unknown> = Promise.resolve();

  async function take(event: SessionEvent): Promise<SessionAnswer> {
    const n = session.check(event);
    const onDisk = log?.append({ ...event, n });
    // It may fail while the model still works; who waits for the answer hears of it then.
    onDisk?.catch(() => undefined);
    try {
      const answer = await session.apply(event);
      await onDisk;
      return answer;
    } catch (error) {
      await onDisk;
      await log?.append({ type: "failed", n });
      throw error;
    }
  }

  return {
    shape: session.shape,
    labels: session.labels,
    get events() {
      return session.events;
    },
    report: session.report,
    // The next event is checked against what this one leaves, so they go in turn.
    apply(event) {
      const answer = queue.then(() => take(event));
      queue = answer.catch(() => undefined);
      return answer;
    },
    dispose: session.dispose,
  };
}
