import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Who holds a lock. */
export interface LockOwner {
  readonly pid: number;
  readonly host: string;
  /** When it was taken, for people. */
  readonly since: string;
  /** Where process numbers mean the same: this boot of this machine, and this container. */
  readonly place: string;
  /** When the process began, where the system says: a process number may be used again. */
  readonly begun?: string;
}

/** What stays the same as long as this process lives, asked for once. */
let here: { readonly place: string; readonly begun: string | undefined } | undefined;

export function ownerHere(): LockOwner {
  here ??= { place: placeOf(), begun: beginningOf(process.pid) };
  const { place, begun } = here;
  return {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    place,
    ...(begun !== undefined && { begun }),
  };
}

/** Whether the owner still runs; undefined where it cannot be asked for. */
export function isAlive(owner: LockOwner | undefined): boolean | undefined {
  if (owner === undefined || owner.place !== ownerHere().place) return undefined;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const begun = beginningOf(owner.pid);
  return begun === undefined || owner.begun === undefined || begun === owner.begun;
}

function placeOf(): string {
  return [hostname(), orNothing(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()), namespace()]
    .filter((part) => part !== undefined)
    .join(" ");
}

function namespace(): string | undefined {
  return orNothing(() => readlinkSync("/proc/self/ns/pid"));
}

/** Clock ticks from boot to the start of a process (Linux, proc_pid_stat(5), field 22); a dead one has none. */
function beginningOf(pid: number): string | undefined {
  const text = orNothing(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  // The second field, the name in brackets, may hold blanks and brackets itself.
  const [state, ...rest] = text?.slice(text.lastIndexOf(")") + 2).split(" ") ?? [];
  return state === "Z" ? "ended" : rest[18];
}

function orNothing<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
