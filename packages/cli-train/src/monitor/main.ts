import { type Command, defineCommand } from "@ensam/core/command";
import { type MonitorCommandOptions, monitorOptions } from "./options.ts";

export const main: Command = defineCommand<MonitorCommandOptions>({
  name: "ensam-monitor",
  summary: "shows training runs while they go on: progress, curves, validation, notes",
  description: [
    "Follows the log of run folders that ensam-train writes, in this or another process, or finished ones; a file of log rows; or rows on standard input. On a terminal it is a live view with keys: p pause, c checkpoint, v validate, s stop, i slice, Tab next run, ? help, q leave. Several runs stand side by side where the terminal is wide enough.",
    "Leaving the monitor never stops a run; only s, then y, does. Keys reach the run through files in its folder (CONTROL, STOP), so the monitor may run on another machine that shares the folder.",
    "Without a terminal, with --plain, CI or TERM=dumb it prints lines of text without any colour or control codes, and ends when every run has ended. NO_COLOR is respected.",
  ],
  examples: [
    { command: "ensam-monitor runs/a", doc: "Watch a run." },
    { command: "ensam-monitor runs/a runs/b", doc: "Two runs, side by side or with Tab." },
    { command: "ensam-train cases.ndjson -o runs/a | ensam-monitor", doc: "Rows from a pipe." },
    { command: "ensam-monitor runs/a --export curves.svg", doc: "The curves as a picture." },
    { command: "ensam-monitor runs/a --once --csv steps.csv --tensorboard tb/", doc: "The log for other tools." },
  ],
  positionals: { name: "runs", doc: "Run folders or log files; none or - for rows on standard input.", many: true },
  reads: ["run", "step", "skip", "validation", "checkpoint", "end", "failure"],
  options: monitorOptions,
  run: async (context) => (await import("./monitorCommand.ts")).monitorCommand(context),
});
