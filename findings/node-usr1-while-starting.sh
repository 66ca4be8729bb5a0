#!/usr/bin/env bash
# SIGUSR1 to a Node process that has not set its handler yet opens the debugger, and the signal is gone.
#
# A good guess: a warning signal that comes too early ends the process (the default action of SIGUSR1), or waits for the handler.
# What happens: Node's own handler is there from the start; it listens on port 9229 for a debugger and the process goes on as if
#   nothing had come, past the time that the warning was about. A handler set later gets the next one only.
# Why it matters here: a batch job was warned while its command was starting, and was killed at its limit unsaved. The script of
#   ensam-submit hands the warning on as SIGHUP (packages/cli-submit/src/batchScript.ts).
# Source: Node 20.20.2; nodejs.org/api/process.html#signal-events reserves SIGUSR1 for the debugger.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
cat > program.js <<'JS'
const fs = require("node:fs");
fs.writeFileSync("starting", "");
while (!fs.existsSync("go")); // Loads a lot.
setTimeout(() => {
  process.on("SIGUSR1", () => fs.appendFileSync("got", "USR1 "));
  fs.writeFileSync("ready", "");
  setTimeout(() => {}, 2000);
}, 100);
JS
node --inspect-port=0 program.js 2> said & pid=$!
until [ -e starting ]; do sleep 0.05; done
kill -USR1 $pid; sleep 0.5; touch go
until [ -e ready ]; do sleep 0.05; done
sleep 0.5; early=$(cat got 2> /dev/null || true)
kill -USR1 $pid
code=0; wait $pid || code=$?
expect() { [ "$2" = "$3" ] && echo "$1: $2" || { echo "$1: expected $3, got $2" >&2; exit 1; }; }
expect "the process" "exit code $code" "exit code 0"
expect "the debugger" "$(grep -o '^Debugger listening' said)" "Debugger listening"
expect "the early signal" "${early:-gone}" gone
expect "a later one" "$(cat got)" "USR1 "
