import type { MonitorState } from "./state/monitorState.ts";

/** A followed run as the views show it. */
export interface RunView {
  readonly name: string;
  readonly state: MonitorState;
  readonly status: "waiting" | "running" | "silent" | "paused" | "dead" | "ended";
  /** How long ago the last row came, in words that change seldom. */
  readonly lastRow?: string;
  /** What was asked of the run and has not happened yet, in words. */
  readonly said?: string;
}
