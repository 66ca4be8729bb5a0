#!/usr/bin/env bash
# At a job's end Slurm sends TERM to the batch shell's children as well: a script that forwards it signals them twice.
#
# A good guess: TERM goes to the batch script, which has to hand it on to what it started (as it must for --signal=B:USR1@60,
#   which reaches the shell alone).
# What happens: for scancel and at the time limit the child gets CONT and TERM from Slurm itself, even in a process group of its own,
#   and the forwarded TERM is its second. Many programs stop at once at the second TERM instead of saving: ours did. (22.05.8.)
# Why it matters here: the script of ensam-submit hands on the warning only, as HUP, and HUP is no second wish for our commands
#   (packages/ensam-core/src/command/runCommand.ts).
# Source: seen with the Slurm that scripts/slurm/one-node.sh starts (proctrack/linuxproc); needs slurm-wlm and munge.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d /tmp/find-XXXXXX); trap '"$here/../scripts/slurm/one-node.sh" stop "$folder/slurm"; rm -rf "$folder"' EXIT
eval "$("$here/../scripts/slurm/one-node.sh" start "$folder/slurm")"
cd "$folder"
cat > child.js <<'JS'
const fs = require("node:fs");
for (const signal of ["SIGTERM", "SIGUSR1"]) process.on(signal, () => fs.appendFileSync("got", `${signal} `));
fs.writeFileSync("started", "");
setInterval(() => {}, 1000);
JS
cat > job.sh <<'JOB'
#!/bin/bash
set -m
[ "$FORWARD" = no ] || trap 'sleep 1; kill -TERM -- -$pid' TERM # Two at once would be one.
[ "$FORWARD" = yes ] || trap : TERM
trap : USR1
node child.js & pid=$!
while kill -0 $pid; do wait $pid; done
JOB
run() { # FORWARD SCANCEL-OPTIONS...
  rm -f got started
  id=$(FORWARD=$1 sbatch --parsable --time=10 job.sh); shift
  until [ -e started ]; do sleep 0.2; done; sleep 1
  scancel "$@" "$id"; sleep 4
  cat got 2> /dev/null || true
  scancel --signal=KILL --full "$id" 2> /dev/null || true
  while [ -n "$(squeue --noheader)" ]; do sleep 0.5; done
}
expect() { [ "$2" = "$3" ] && echo "$1: $2" || { echo "$1: expected $3, got $2" >&2; exit 1; }; }
expect "scancel, nothing forwarded" "$(run no)" "SIGTERM "
expect "scancel, TERM forwarded" "$(run yes)" "SIGTERM SIGTERM "
expect "USR1 to the batch shell alone" "$(run no --batch --signal=USR1)" ""
