import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isAbandoned, takeLock } from "./lock.ts";
import { isAlive, ownerHere } from "./lockOwner.ts";

const emptyFolder = () => mkdtempSync(join(tmpdir(), "ensam-lock-"));
const beat = "timer";

/** A lock as a process of that number would have left it. */
function lockOf(folder: string, owner: object): string {
  const path = join(folder, "LOCK");
  writeFileSync(path, JSON.stringify({ ...ownerHere(), begun: undefined, ...owner }));
  return path;
}

test("one holder at a time; the second is told process and host, through a link too; free again when given back", async () => {
  const folder = emptyFolder();
  const lock = await takeLock(join(folder, "LOCK"), { beat });
  symlinkSync(folder, `${folder}-link`);
  const { host } = ownerHere();
  const second = takeLock(join(`${folder}-link`, "LOCK"), { beat });
  await expect(second).rejects.toThrow(`in use by process ${process.pid} on ${host}`);
  lock.release();
  expect(readdirSync(folder)).toEqual([]);
  (await takeLock(join(folder, "LOCK"), { beat })).release();
});

test("of twenty that want it at once and wait, each has it alone", async () => {
  const path = join(emptyFolder(), "LOCK");
  let [inside, most, turns] = [0, 0, 0];
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      const lock = await takeLock(path, { beat, waits: true });
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 1));
      [inside, turns] = [inside - 1, turns + 1];
      lock.release();
    }),
  );
  expect([most, turns]).toEqual([1, 20]);
});

test("a lock is held while its process lives and free when it was killed", async () => {
  const child = spawn("sleep", ["60"]);
  const path = lockOf(emptyFolder(), { pid: child.pid });
  await expect(takeLock(path, { beat })).rejects.toThrow(`process ${child.pid}`);
  expect(isAbandoned(path)).toBe(false);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(isAbandoned(path)).toBe(true);
  const lock = await takeLock(path, { beat });
  expect(JSON.parse(readFileSync(path, "utf8")).pid).toBe(process.pid);
  lock.release();
});

test("a process number that was used again does not hold the lock", () => {
  if (ownerHere().begun === undefined) return console.log("no /proc here: the start of a process is not known");
  expect(isAlive(ownerHere())).toBe(true);
  expect(isAlive({ ...ownerHere(), begun: "1" })).toBe(false);
});

test("a holder on another host, which cannot be asked for, is dead when its file gives no sign of life", async () => {
  const path = lockOf(emptyFolder(), { host: "other", place: "other" });
  const seconds = { beat, silenceSeconds: 0.4 } as const;
  const signs = setInterval(() => utimesSync(path, new Date(), new Date()), 60);
  await expect(takeLock(path, seconds)).rejects.toThrow("on other");
  clearInterval(signs);
  const notes: string[] = [];
  const lock = await takeLock(path, { ...seconds, onWait: (line) => notes.push(line) });
  expect(notes[0]).toContain("waiting 1 s for a sign of life");
  lock.release();
  expect(existsSync(path)).toBe(false);
});

test("a lock that another process has taken in the meantime is not given back for it", async () => {
  const folder = emptyFolder();
  const lock = await takeLock(join(folder, "LOCK"), { beat });
  const path = lockOf(folder, { pid: 1 });
  lock.release();
  expect(existsSync(path)).toBe(true);
});
