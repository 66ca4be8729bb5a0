import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import { takeLock } from "@ensam/core/command";
import { callCommand } from "@ensam/core/command/testing";
import { writeNifti, writeSafetensors } from "@ensam/core/files";
import type { Affine } from "@ensam/core/geometry";
import { minuteConfig, minuteModel } from "@ensam/core/inference/testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { main } from "./main.ts";
import { eventsOf } from "./testing/annotatePage.ts";

vi.mock("@ensam/core/command", async (original) => {
  const command = await original<typeof import("@ensam/core/command")>();
  return {
    ...command,
    modelOrBuiltin: async (...[context, model, ...rest]: Parameters<typeof command.modelOrBuiltin>) => {
      if (model !== command.builtinModel) return command.modelOrBuiltin(context, model, ...rest);
      if (box.path === undefined) throw new command.UsageError("--model: expected weights, got none");
      context.note("model: that in the box");
      return { path: box.path, sha256: "00" };
    },
  };
});

const ras: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
/** The weights in the box; without them they are missing. */
const box = vi.hoisted((): { path?: string } => ({}));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-test-"));
  const volume = { data: Uint8Array.from({ length: 960 }, (_, i) => i % 251), shape: [8, 10, 12] } as const;
  await writeNifti(join(folder, "a.nii"), volume, ras);
  await writeSafetensors(join(folder, "net.safetensors"), minuteModel(0) as never, {
    config: JSON.stringify(minuteConfig),
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The command, ended as soon as its first image is open. */
function annotate(model: string, more: readonly string[] = []) {
  const argv = ["a.nii", "--model", model, "--device", "cpu", "--no-open", ...more];
  const onSignal = (stop: () => void) => {
    stop();
    return () => undefined;
  };
  return callCommand(main, argv, { cwd: folder, streams: { onSignal } });
}

test("a model that is refused at once, before anybody waits for it, is one plain line", async () => {
  const lost: unknown[] = [];
  const note = (error: unknown) => lost.push(error);
  process.on("unhandledRejection", note);
  const { code, error } = await annotate("builtin");
  await later(20);
  process.off("unhandledRejection", note);
  expect({ code, error, lost }).toEqual({
    code: 2,
    error: "ensam-annotate: --model: expected weights, got none\n",
    lost: [],
  });
  expect(await readdir(folder)).toEqual(["a.nii", "net.safetensors"]);
});

test("a port in use is found before anything is begun: no log is left", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  const { code, error } = await annotate("net.safetensors", ["--port", String(port)]);
  other.close();
  expect({ code, error: error.split("\n").at(-2) }).toEqual({
    code: 3,
    error: `ensam-annotate: --port ${port}: expected a free port on 127.0.0.1, got one in use`,
  });
  expect(await readdir(folder)).toEqual(["a.nii", "net.safetensors"]);
});

test("a session that is open elsewhere is named, not its folder", async () => {
  const log = join(folder, "a.session.ndjson");
  const lock = await takeLock(`${log}.lock`, { beat: "timer" });
  const { code, error } = await annotate("net.safetensors");
  lock.release();
  expect({ code, error: error.split("\n").at(-2) }).toEqual({
    code: 3,
    error: expect.stringMatching(
      `^ensam-annotate: ${log}: expected a session that nobody else has open, got one in use by process ${process.pid} on .*Z$`,
    ),
  });
});

test("the model is named once, in the box or not", async () => {
  box.path = join(folder, "net.safetensors");
  for (const [model, line] of [
    ["builtin", "model: that in the box"],
    [box.path, `model: ${box.path}`],
  ] as const) {
    const { error } = await annotate(model);
    expect(error.split("\n").filter((words) => words.startsWith("model: "))).toEqual([line]);
  }
  await rm(join(folder, "a.session.ndjson"));
});

test("a label map that could not be loaded is loaded the next time: a log without events is no session yet", async () => {
  const volume = { data: new Uint8Array(960).fill(3, 100, 110), shape: [8, 10, 12] } as const;
  await writeNifti(join(folder, "labels.nii"), volume, ras);
  expect((await annotate("net.safetensors", ["--labels", "none.nii"])).code).toBe(3);
  const log = join(folder, "a.session.ndjson");
  expect(await eventsOf(log)).toEqual([]);
  expect((await annotate("net.safetensors", ["--labels", "labels.nii"])).code).toBe(0);
  expect(await eventsOf(log)).toMatchObject([
    { type: "object", label: 3 },
    { type: "mask", runs: [100, 10] },
  ]);
});
