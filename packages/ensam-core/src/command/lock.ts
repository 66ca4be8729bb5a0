import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import { InputError } from "./errors.ts";
import { type Beat, beatOften, beatSeconds } from "./lockBeat.ts";
import { isAlive, type LockOwner, ownerHere } from "./lockOwner.ts";

/** The right to work on something, until it is given back or this process ends. */
export interface Lock {
  release(): void;
}

export interface LockOptions {
  /** Who keeps the sign of life: a thread, for work that blocks this one for long, or a timer. */
  readonly beat: Beat;
  /** What is locked, as the message begins. @default the folder of the lock file, "that nobody else works in" */
  readonly what?: string;
  /** Whether to wait for another holder to end; else it is an InputError at once. */
  readonly waits?: boolean;
  /** Told when there is something to wait for. */
  readonly onWait?: (line: string) => void;
  /** Seconds without a sign of life after which a holder that cannot be asked for is taken for dead. @default 3.5 beats */
  readonly silenceSeconds?: number;
}

const lookMilliseconds = 50;

/**
 * Takes the lock file at `path`, which names process, host and time. A lock is free again when its holder is gone,
 * however it ended: on the same machine by asking for the process (and its start, so that a number used again does not
 * count), elsewhere (another host, another container) when the file gives no sign of life for a while.
 *
 * @throws InputError that names the holder, when it is alive and is not waited for
 */
export async function takeLock(path: string, options: LockOptions): Promise<Lock> {
  const owner = `${JSON.stringify(ownerHere())}\n`;
  mkdirSync(dirname(path), { recursive: true });
  let hasReported = false;
  while (!create(path, owner)) {
    const held = read(path);
    if (held === undefined) continue; // Given back just now.
    const alive = isAlive(held.owner) ?? (await showsLife(path, options));
    if (!alive) takeAway(path, held.text);
    else if (options.waits !== true) throw heldBy(path, held.owner, options);
    else {
      if (!hasReported) options.onWait?.(heldBy(path, held.owner, options).message);
      hasReported = true;
      await later(lookMilliseconds);
    }
  }
  const stopBeat = beatOften(path, options.beat);
  return {
    release() {
      stopBeat();
      if (read(path)?.text === owner) rmSync(path, { force: true });
    },
  };
}

/** Whether the holder of a lock is gone for sure, so that what it left may be removed. */
export function isAbandoned(path: string): boolean {
  try {
    const held = read(path);
    return held !== undefined && isAlive(held.owner) === false;
  } catch {
    return false; // Not ours to look at.
  }
}

function heldBy(path: string, owner: LockOwner | undefined, options: LockOptions): InputError {
  const { what = `${dirname(path)}: expected a folder that nobody else works in` } = options;
  const who = owner === undefined ? "another process" : `process ${owner.pid} on ${owner.host}, since ${owner.since}`;
  return new InputError(`${what}, got one in use by ${who}`);
}

/** Makes the file with its content at once: a name for a file that is whole already. */
function create(path: string, text: string): boolean {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    writeFileSync(temporary, text, { flag: "wx" });
  } catch (error) {
    rmSync(temporary, { force: true });
    throw Object.assign(error as Error, { path }); // A disk that is full does not say which.
  }
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    return createWithoutLinks(path, text);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** On disks without hard links; who reads it before it is written sees a holder that cannot be asked for. */
function createWithoutLinks(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function read(path: string): { text: string; owner: LockOwner | undefined } | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const owner = JSON.parse(text) as LockOwner | null;
    return { text, owner: typeof owner?.pid === "number" ? owner : undefined };
  } catch {
    return { text, owner: undefined };
  }
}

/** Watches the file's time of change; a lock that is given back meanwhile shows life, too. */
async function showsLife(path: string, { silenceSeconds = 3.5 * beatSeconds, onWait }: LockOptions): Promise<boolean> {
  const timeOf = () => statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  const [before, start] = [timeOf(), performance.now()];
  onWait?.(`${path}: its holder is on another machine: waiting ${Math.ceil(silenceSeconds)} s for a sign of life`);
  while (performance.now() - start < silenceSeconds * 1000) {
    if (timeOf() !== before) return true;
    await later(lookMilliseconds);
  }
  return false;
}

/** Removes a dead holder's lock, and no other: one that was taken in the meantime gets its name back. */
function takeAway(path: string, text: string): void {
  const aside = `${path}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    if (read(path)?.text !== text) return;
    renameSync(path, aside);
    if (readFileSync(aside, "utf8") !== text) linkSync(aside, path);
  } catch {
    // Another process was quicker.
  } finally {
    rmSync(aside, { force: true });
  }
}
