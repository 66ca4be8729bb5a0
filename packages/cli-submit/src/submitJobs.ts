import { spawn } from "node:child_process";
import { CommandError, type Context, ensureFolder, exitCodes, InputError, UsageError } from "@ensam/core/command";
import { batchScript, type ScriptRules } from "./batchScript.ts";
import { type Job, readJobs } from "./job.ts";
import type { SubmitOptions } from "./options.ts";

/** Submits job rows in their order and writes a row for each; all or none stay in the queue. */
export async function submitJobs(context: Context<SubmitOptions>): Promise<number> {
  const { logs, warning, sbatch, atOnce, dryRun } = context.options;
  const jobs = await readJobs(context);
  refuseLines(jobs, sbatch);
  const ids = new Map<string, string>();
  const rules: ScriptRules = {
    cwd: context.streams.cwd,
    logs,
    warning,
    sbatch,
    ...(atOnce !== undefined && { atOnce }),
    idOf: (name) => ids.get(name) ?? `<${name}>`,
  };
  if (dryRun) {
    for (const job of jobs) await context.rows.writeText(`${batchScript(job, rules)}\n`);
    return exitCodes.done;
  }
  await ensureFolder(logs);
  for (const job of jobs) {
    try {
      ids.set(job.job, await submit(batchScript(job, rules), context.streams.cwd));
    } catch (error) {
      if (ids.size > 0) await run("scancel", [...ids.values()], "", context.streams.cwd).catch(() => undefined);
      const cancelled = ids.size === 0 ? "" : `; the ${ids.size} before it are cancelled`;
      if (!(error instanceof InputError)) throw error;
      throw new InputError(`${job.job}: ${error.message}${cancelled}`);
    }
  }
  for (const { place: _, ...job } of jobs)
    await context.rows.write({ ...job, type: "submitted", id: ids.get(job.job)! });
  context.note(`${context.name}: in the queue: ${jobs.map(({ job }) => job).join(", ")}; logs: ${logs}`);
  return exitCodes.done;
}

/** An option of sbatch stands on one line of the script, and what follows it would be run. */
function refuseLines(jobs: readonly Job[], all: readonly string[]): void {
  for (const option of [...all, ...jobs.flatMap(({ sbatch }) => sbatch ?? [])]) {
    if (!/^--?[a-zA-Z]/.test(option) || /[\n\r]/.test(option)) {
      throw new UsageError(`sbatch: expected options such as --partition=gpu, got ${JSON.stringify(option)}`);
    }
  }
}

async function submit(script: string, cwd: string): Promise<string> {
  const said = await run("sbatch", ["--parsable"], script, cwd);
  const id = /^\d+/.exec(said.trim())?.[0]; // "ID" or "ID;CLUSTER"
  if (id === undefined) throw new InputError(`sbatch: expected a job id, got ${JSON.stringify(said.trim())}`);
  return id;
}

/** Runs a program of Slurm and returns what it prints. */
function run(program: string, argv: readonly string[], input: string, cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, argv, { cwd, stdio: ["pipe", "pipe", "pipe"] });
    let [output, error] = ["", ""];
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      error += chunk;
    });
    child.stdin.on("error", () => {}); // It ended before it read all; its exit code says why.
    child.on("error", (cause: NodeJS.ErrnoException) => {
      const missing = `${program}: expected Slurm's program on PATH, got none (--dry-run prints the scripts)`;
      reject(cause.code === "ENOENT" ? new CommandError(missing, exitCodes.device) : cause);
    });
    child.on("close", (code) => {
      if (code === 0) resolve(output);
      else reject(new InputError(`${program}: ${error.trim().split("\n").at(-1) || `exit code ${code}`}`));
    });
    child.stdin.end(input);
  });
}
