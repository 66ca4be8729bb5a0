import type { Job } from "./job.ts";

export interface ScriptRules {
  /** Folder that commands run in. */
  readonly cwd: string;
  /** Folder of the logs. */
  readonly logs: string;
  /** Seconds before the time limit at which Slurm warns. */
  readonly warning: number;
  /** Options of sbatch for every job; those of a job come after them and win. */
  readonly sbatch: readonly string[];
  /** Most tasks of an array that run at once. */
  readonly atOnce?: number;
  /** What jobs above are called in dependencies: their ids. */
  readonly idOf: (job: string) => string;
}

/**
 * Returns the batch script of a job. What it has to know of Slurm:
 *
 * - `--signal=B:USR1@N` reaches the shell only, and only while it waits: the command runs in the background, and the
 *   warning is handed on to it and all that it started, as HUP: a Node that is only starting takes USR1 for the wish to
 *   be debugged, and make for the wish to say more.
 * - At the time limit, and for scancel, Slurm sends TERM to the command itself, so the shell does not send it again.
 * - A job that requeues itself for every TERM cannot be cancelled any more: after a TERM it does so only when its time
 *   was over.
 * - A site's RequeueExit may be set or not: the script requeues by scontrol and ends with 75, which serves both.
 * - The ids of the array are the ranks, 1 to N: `sbatch --array=3,5` of the script again makes shards 3 and 5 of N
 *   again.
 */
export function batchScript(job: Job, rules: ScriptRules): string {
  const { shards, after = [], pairwise = false } = job;
  const isArray = shards !== undefined;
  const throttle = rules.atOnce === undefined ? "" : `%${rules.atOnce}`;
  const dependency = after.map((name) => `${pairwise ? "aftercorr" : "afterok"}:${rules.idOf(name)}`).join(",");
  const options = [
    `--job-name=${job.job}`,
    `--output=${rules.logs}/${job.job}-${isArray ? "%A_%a" : "%j"}.log`,
    "--open-mode=append",
    "--requeue",
    `--signal=B:USR1@${rules.warning}`,
    ...(isArray ? [`--array=1-${shards}${throttle}`] : []),
    ...(dependency === "" ? [] : [`--dependency=${dependency}`, "--kill-on-invalid-dep=yes"]),
    ...rules.sbatch,
    ...(job.sbatch ?? []),
  ];
  return `#!/bin/bash
${options.map((option) => `#SBATCH ${option}`).join("\n")}
cd ${quote(rules.cwd)} || exit 2
command=${quote(job.command)}
${isArray ? ranks(shards) : ""}${body}`;
}

function ranks(count: number): string {
  return `rank=\${SLURM_ARRAY_TASK_ID:?expected a task of an array}
if [ "$rank" -lt 1 ] || [ "$rank" -gt ${count} ]; then
  echo "expected array ids from 1 to ${count}, got $rank" >&2
  exit 2
fi
command=\${command//'{rank}'/$rank}
command=\${command//'{count}'/${count}}
command=\${command//'{shard}'/$rank/${count}}
`;
}

const body = `limit=$(squeue --noheader --job "$SLURM_JOB_ID" --format %e 2> /dev/null)
limit=$(date --date "$limit" +%s 2> /dev/null || echo 0)
signals=0 again=
warned() {
  signals=$((signals + 1))
  [ -n "$again" ] || kill -HUP -- "-$pid" 2> /dev/null
  again=yes
}
ended() {
  signals=$((signals + 1))
  [ "$limit" -gt 0 ] && [ "$(date +%s)" -ge $((limit - 5)) ] && again=yes
}
trap warned USR1
trap ended TERM
set -m
bash -c "$command" &
pid=$!
before=none
while [ "$before" != "$signals" ]; do # A signal ends the wait, not the command.
  before=$signals
  wait "$pid"
  code=$?
done
# What the command started may still be saving when the command itself has ended by the signal.
while [ "$signals" -gt 0 ] && kill -0 -- "-$pid" 2> /dev/null; do sleep 0.2; done
[ "$code" -eq 0 ] && exit 0
[ "$code" -eq 75 ] && [ "$signals" -eq 0 ] && again=yes
if [ -n "$again" ]; then
  echo "stopped with exit code $code, to be gone on with: job $SLURM_JOB_ID is queued again"
  scontrol requeue "$SLURM_JOB_ID" || echo "expected scontrol requeue to work; exit code 75 is for the site's RequeueExit" >&2
  exit 75
fi
exit "$code"
`;

/** Quotes a text for the shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
