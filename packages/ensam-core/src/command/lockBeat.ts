import { utimesSync } from "node:fs";
import { Worker } from "node:worker_threads";

/** Seconds between two signs of life of a lock's holder. */
export const beatSeconds = 10;

/** What gives them: a thread of its own, or a timer that is late while this thread computes. */
export type Beat = "thread" | "timer";

/** Sets a file's time of change again and again, for those who cannot ask for its process; returns how to stop. */
export function beatOften(path: string, beat: Beat): () => void {
  if (beat === "timer") {
    const timer = setInterval(() => touch(path), beatSeconds * 1000);
    timer.unref();
    return () => clearInterval(timer);
  }
  const worker = new Worker(threadSource, { eval: true, name: "lock", workerData: { path, seconds: beatSeconds } });
  worker.on("error", () => {}); // Without signs of life the lock still names its process.
  worker.unref();
  return () => void worker.terminate();
}

function touch(path: string): void {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // Taken away: nothing to keep alive.
  }
}

const threadSource = `
const { workerData: { path, seconds } } = require("node:worker_threads");
const { utimesSync } = require("node:fs");
setInterval(() => { try { utimesSync(path, new Date(), new Date()); } catch {} }, seconds * 1000);
`;
