import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { askRun, watchControl } from "./control.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ensam-control-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function recorded(stopped = () => false) {
  const done: string[] = [];
  const actions = {
    checkpoint: async () => void done.push("checkpoint"),
    validate: async () => void done.push("validate"),
    stopped,
    note: (line: string) => void done.push(line),
  };
  return { done, actions };
}

test("words are obeyed in their order, once; unknown ones are nothing", async () => {
  const control = watchControl(folder);
  const { done, actions } = recorded();
  await control.obey(actions);
  askRun(folder, "validate");
  writeFileSync(join(folder, "CONTROL"), "validate\nnonsense\n\ncheckpoint\n");
  await control.obey(actions);
  await control.obey(actions);
  expect(done).toEqual(["validate", "checkpoint"]);
});

test("a paused run takes checkpoints and goes on when asked", async () => {
  const control = watchControl(folder);
  const { done, actions } = recorded();
  askRun(folder, "pause");
  let over = false;
  const obeying = control.obey(actions).then(() => {
    over = true;
  });
  await vi.waitFor(() => expect(existsSync(join(folder, "PAUSED"))).toBe(true));
  askRun(folder, "checkpoint");
  await vi.waitFor(() => expect(done).toEqual(["paused", "checkpoint"]), 5000);
  expect(over).toBe(false);
  askRun(folder, "resume");
  await obeying;
  expect(done.at(-1)).toBe("going on");
  expect(existsSync(join(folder, "PAUSED"))).toBe(false);
});

test("a request to stop ends a pause", async () => {
  const control = watchControl(folder);
  let stopped = false;
  askRun(folder, "pause");
  const obeying = control.obey(recorded(() => stopped).actions);
  await later(50);
  stopped = true;
  await obeying;
});

test("what was asked of an earlier run is dropped", async () => {
  askRun(folder, "validate");
  writeFileSync(join(folder, "PAUSED"), "");
  const control = watchControl(folder);
  const { done, actions } = recorded();
  await control.obey(actions);
  expect(done).toEqual([]);
  expect(existsSync(join(folder, "PAUSED"))).toBe(false);
});
