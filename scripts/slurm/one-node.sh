#!/usr/bin/env bash
# A Slurm of one node on this machine, for trying and testing: nothing of it outlives `stop`, and the system's own Slurm and munge are not
# touched. It needs the programs of Debian's slurm-wlm and munge (apt-get install slurm-wlm munge).
#
#   scripts/slurm/one-node.sh start DIR     prints what to source: the environment in which sbatch, squeue and scontrol find it
#   scripts/slurm/one-node.sh stop DIR
#
# REQUEUE_EXIT=75 starts it as a site that requeues that exit code by itself (RequeueExit); KILL_WAIT (30) is the time between TERM and KILL
# in seconds, WAIT_AGAIN (5) how long a requeued job waits; a real site waits about 120 s.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

fail() { echo "one-node: $*" >&2; exit 4; }
[ $# -eq 2 ] || { echo 'usage: one-node.sh start|stop DIR' >&2; exit 2; }
action=$1; mkdir -p "$2"; dir=$(cd "$2" && pwd)

alive() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }
stop() {
  export SLURM_CONF=$dir/slurm.conf
  if alive "$dir/slurmctld.pid"; then
    timeout 10 scancel --user "$(id -un)" --full 2>/dev/null || true
  fi
  for daemon in slurmd slurmctld munged; do
    if alive "$dir/$daemon.pid"; then
      pid=$(cat "$dir/$daemon.pid"); kill "$pid" 2>/dev/null || true
      for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    fi
  done
}

case $action in
stop) stop ;;
start)
  for program in munged slurmctld slurmd sbatch scontrol; do
    command -v $program > /dev/null || fail "expected $program (apt-get install slurm-wlm munge), got none"
  done
  [ ${#dir} -le 70 ] || fail "$dir: expected a shorter path (sockets lie in it), got ${#dir} characters"
  user=$(id -un); host=$(hostname -s); cores=$(getconf _NPROCESSORS_ONLN)
  memory=$(( $(getconf _PHYS_PAGES) / 1024 * $(getconf PAGE_SIZE) / 1024 * 9 / 10 ))
  read -r controller worker < <(node -e '
    const { createServer } = require("node:net");
    const servers = [0, 0].map(() => createServer().listen(0, "127.0.0.1"));
    Promise.all(servers.map((s) => new Promise((done) => s.on("listening", done)))).then(() => {
      console.log(servers.map((s) => s.address().port).join(" "));
      for (const s of servers) s.close();
    });')
  mkdir -p "$dir/state" "$dir/spool" "$dir/munge"; chmod 700 "$dir" "$dir/munge"
  head -c 1024 /dev/urandom > "$dir/munge/key"; chmod 400 "$dir/munge/key"
  munged --key-file "$dir/munge/key" --socket "$dir/munge/socket" --pid-file "$dir/munged.pid" --log-file "$dir/munge/log" \
    --seed-file "$dir/munge/seed" --force 2> "$dir/munge/start.log" || fail "munged: $(tail -1 "$dir/munge/start.log")"
  cat > "$dir/slurm.conf" <<CONF
ClusterName=onenode
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$user
SlurmdUser=$user
SlurmctldPort=$controller
SlurmdPort=$worker
AuthType=auth/munge
CryptoType=crypto/munge
AuthInfo=socket=$dir/munge/socket,cred_expire=${WAIT_AGAIN:-5}
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0,defer_batch
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
KillWait=${KILL_WAIT:-30}
MinJobAge=3600
${REQUEUE_EXIT:+RequeueExit=$REQUEUE_EXIT}
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cores RealMemory=$memory State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
CONF
  export SLURM_CONF=$dir/slurm.conf
  slurmctld -c > "$dir/start.log" 2>&1 || { stop; fail "slurmctld: $(tail -1 "$dir/start.log")"; }
  slurmd > "$dir/start.log" 2>&1 || { stop; fail "slurmd: $(tail -1 "$dir/start.log")"; }
  for _ in $(seq 100); do
    [ "$(timeout 5 sinfo --noheader --format %T 2>/dev/null)" = idle ] && break
    sleep 0.2
  done
  [ "$(timeout 5 sinfo --noheader --format %T 2>/dev/null)" = idle ] ||
    { stop; fail "expected a node that is idle, got $(sinfo --noheader --format '%T %E' 2>&1 | head -1); see $dir/slurmctld.log"; }
  echo "export SLURM_CONF='$dir/slurm.conf'"
  ;;
*) echo 'usage: one-node.sh start|stop DIR' >&2; exit 2 ;;
esac
