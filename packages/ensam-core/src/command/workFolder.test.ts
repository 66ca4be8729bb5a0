import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ownerHere } from "./lockOwner.ts";
import { openWorkFolder } from "./workFolder.ts";

test("folders of owners that were killed are removed at the next start; those of the living and of others stay", async () => {
  const parent = mkdtempSync(join(tmpdir(), "ensam-"));
  const child = spawn("sleep", ["60"]);
  const leave = (name: string, pid?: number) => {
    mkdirSync(join(parent, name, "1", "inputs"), { recursive: true });
    if (pid !== undefined) {
      writeFileSync(join(parent, name, "LOCK"), JSON.stringify({ ...ownerHere(), begun: undefined, pid }));
    }
  };
  leave("ensam-x-living", process.pid);
  leave("ensam-x-dead", child.pid);
  leave("ensam-y-dead", child.pid);
  leave("ensam-x-unknown");
  child.kill("SIGKILL");
  await once(child, "exit");

  const work = await openWorkFolder("ensam-x", { env: { TMPDIR: parent } });
  const kept = readdirSync(parent).filter((name) => !work.folder().includes(name));
  expect(kept.sort()).toEqual(["ensam-x-living", "ensam-x-unknown", "ensam-y-dead"]);
  const folder = work.folder();
  expect(readdirSync(folder)).toEqual([]);
  work.close();
  expect(existsSync(folder)).toBe(false);
  expect(readdirSync(parent).sort()).toEqual(kept);
});
