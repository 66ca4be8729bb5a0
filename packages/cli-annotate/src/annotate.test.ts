import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as later } from "node:timers/promises";
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
      if (model === command.builtinModel) throw new command.UsageError("--model: expected weights, got none");
      return command.modelOrBuiltin(context, model, ...rest);
    },
  };
});

const ras: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
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
