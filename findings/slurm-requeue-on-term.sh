#!/usr/bin/env bash
# A Slurm job that requeues itself when it gets TERM cannot be cancelled any more.
#
# A good guess: a batch script that traps TERM, saves, and calls `scontrol requeue $SLURM_JOB_ID` goes on after its time limit,
#   and scancel ends it for good.
# What happens: scancel sends the same TERM, the trap requeues, and Slurm takes the job back into the queue (22.05.8, Debian 12):
#   JobState is COMPLETING in the trap for both, so the state does not tell them apart; the time does.
# Why it matters here: jobs of ensam-submit save and requeue before their limit. Their script asks Slurm at its start when
#   the limit is, and after a TERM it requeues only when that time has come (packages/cli-submit/src/batchScript.ts).
# Source: seen with the Slurm that scripts/slurm/one-node.sh starts; needs slurm-wlm and munge.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d /tmp/find-XXXXXX); trap '"$here/../scripts/slurm/one-node.sh" stop "$folder/slurm"; rm -rf "$folder"' EXIT
eval "$("$here/../scripts/slurm/one-node.sh" start "$folder/slurm")"
cd "$folder"
cat > job.sh <<'JOB'
#!/bin/bash
trap 'scontrol show job $SLURM_JOB_ID -o | grep -o "JobState=[A-Z]*" > state; scontrol requeue $SLURM_JOB_ID; exit 75' TERM
touch started
while :; do sleep 1 & wait $!; done
JOB
id=$(sbatch --parsable --requeue --time=10 job.sh)
until [ -e started ]; do sleep 0.2; done; sleep 1
scancel "$id"
sleep 4
job() { scontrol show job "$id" -o | grep -oE "$1=[^ ]*" | head -1; }
expect() { [ "$2" = "$3" ] && echo "$1: $2" || { echo "$1: expected $3, got $2" >&2; exit 1; }; }
expect "state in the trap" "$(cat state)" JobState=COMPLETING
expect "after scancel" "$(job Restarts)" Restarts=1
case $(job JobState) in
  JobState=PENDING | JobState=RUNNING) echo "and it is in the queue again: $(job JobState)" ;;
  *) echo "expected PENDING or RUNNING, got $(job JobState)" >&2; exit 1 ;;
esac
