import { existsSync, rmSync } from "node:fs";
import type { Streams } from "@ensam/core/command";

/** Why a run should end before it is done. */
export type StopReason = "signal" | "STOP file" | "max-time";

export interface StopRequest {
  /** The reason, once there is one. */
  reason(): StopReason | undefined;
  /** Stops listening, and removes the STOP file if that was the reason. */
  close(): void;
}

/**
 * Watches for what may end a run: the first signal, a file in the run folder, a time limit.
 *
 * @param onSignal  told at once when a signal comes, so that the user sees it was heard
 */
export function watchForStop(
  streams: Pick<Streams, "onSignal">,
  { file, seconds, now, onSignal }: { file: string; seconds?: number; now: () => number; onSignal: () => void },
): StopRequest {
  const begun = now();
  let signalled = false;
  const stopListening = streams.onSignal?.(() => {
    signalled = true;
    onSignal();
  });
  let found: StopReason | undefined;
  const look = (): StopReason | undefined => {
    if (signalled) return "signal";
    if (existsSync(file)) return "STOP file";
    return seconds !== undefined && now() - begun >= seconds ? "max-time" : undefined;
  };
  return {
    reason: () => {
      found ??= look();
      return found;
    },
    close: () => {
      stopListening?.();
      if (found === "STOP file") rmSync(file, { force: true });
    },
  };
}
