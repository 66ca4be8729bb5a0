import { defineCommand } from "@ensam/core/command";
import { type SubmitOptions, submitOptions } from "./options.ts";

/** `ensam-submit`: job rows in, jobs in Slurm's queue out. */
export const main = defineCommand<SubmitOptions>({
  name: "ensam-submit",
  summary: "submits jobs to Slurm: arrays of shards, dependencies, jobs that save and go on after their time limit",
  examples: [
    { command: "ensam-submit --dry-run jobs.ndjson", doc: "look at the batch scripts first" },
    { command: "ensam-submit --sbatch=--partition=cpu --at-once 20 jobs.ndjson > submitted.ndjson", doc: "submit" },
    {
      command:
        'echo \'{"type":"job","job":"predict","shards":8,"command":"ensam-simulate cases.ndjson --model runs/a -o out --shard {shard} > rows-{rank}.ndjson"}\' | ensam-submit',
      doc: "one array of eight tasks",
    },
  ],
  description: [
    "A job row names a shell command. With `shards` it is a job array, and {rank}, {count} and {shard} (`3/8`) in the command are each task's; every command with --shard then makes its own part, and all parts together are what one machine makes. `after` names jobs above that have to succeed first; with `pairwise` each task waits only for the task of the same rank. `sbatch` are options of sbatch for this job.",
    "Before its time limit (--warning) a job is told to save; a command that was stopped so, or that ends with exit code 75 by itself, is queued again with the same job id (scontrol requeue, or the site's RequeueExit) and goes on. scancel ends it for good. Logs are appended to. A job that fails takes those with it that wait for it.",
    "The commands run in the folder where this was called. If Slurm refuses a job, those submitted before it are cancelled.",
  ],
  positionals: { name: "ROWS", doc: "Files of job rows; none or - is standard input.", many: true },
  reads: ["job"],
  writes: ["submitted"],
  options: submitOptions,
  async run(context) {
    const { submitJobs } = await import("./submitJobs.ts");
    return submitJobs(context);
  },
});
