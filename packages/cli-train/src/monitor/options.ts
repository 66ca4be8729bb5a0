import type { OptionTable } from "@ensam/core/command";

export interface MonitorCommandOptions {
  plain: boolean;
  once: boolean;
  wait: boolean;
  export?: string;
  csv?: string;
  tensorboard?: string;
}

const files = "Files made from the log";

export const monitorOptions: OptionTable<MonitorCommandOptions> = {
  plain: {
    kind: "boolean",
    default: false,
    doc: "Lines of text also on a terminal; elsewhere they are what there is.",
  },
  once: {
    kind: "boolean",
    default: false,
    doc: "Print what there is and end, instead of waiting for more rows until the runs have ended.",
  },
  wait: {
    kind: "boolean",
    default: false,
    doc: "Wait for runs that have not begun: a folder without a log, or none yet.",
  },
  export: {
    kind: "path",
    group: files,
    placeholder: "FILE.svg",
    doc: "Draw the curves of one run as they are now, and end.",
  },
  csv: {
    kind: "path",
    group: files,
    placeholder: "FILE",
    doc: "Write steps and validations as a table, and more of them as they come.",
  },
  tensorboard: {
    kind: "path",
    group: files,
    placeholder: "FOLDER",
    doc: "Write event files for TensorBoard, a folder per run, and more events as they come.",
  },
};
