import type { TakeRows } from "../followRun.ts";

/** A file that is written from the rows of a run. */
export interface Sink {
  take: TakeRows;
  close(): void;
}
