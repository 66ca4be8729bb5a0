import type { OptionTable } from "@ensam/core/command";

/** Options of ensam-submit. */
export interface SubmitOptions {
  dryRun: boolean;
  logs: string;
  sbatch: string[];
  atOnce?: number;
  warning: number;
}

export const submitOptions: OptionTable<SubmitOptions> = {
  dryRun: { kind: "boolean", default: false, doc: "Print the batch scripts and submit nothing." },
  logs: { kind: "path", placeholder: "FOLDER", default: "slurm-logs", doc: "Folder for the jobs' output." },
  sbatch: {
    kind: "list",
    of: "string",
    commas: false,
    default: [],
    placeholder: "OPTION",
    doc: "An option of sbatch for every job, such as --sbatch=--partition=cpu; a job's own come after it and win.",
  },
  atOnce: {
    kind: "integer",
    min: 1,
    placeholder: "N",
    defaultWords: "as many as the cluster has room for",
    doc: "Most tasks of an array that run at once.",
  },
  warning: {
    kind: "integer",
    min: 1,
    max: 65535,
    default: 60,
    unit: "s",
    placeholder: "SECONDS",
    doc: "How long before the time limit a job is told to save and is queued again.",
  },
};
