import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeSafetensors } from "@ensam/core/files";
import { minuteConfig, minuteModel } from "@ensam/core/inference/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rawRequest, sendRaw } from "./testing/rawRequest.ts";

const bin = fileURLToPath(new URL("../bin/ensam-serve.js", import.meta.url));
let folder: string;
let model: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-test-"));
  model = join(folder, "net.safetensors");
  await writeSafetensors(model, minuteModel(0) as never, { config: JSON.stringify(minuteConfig) });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The command as a user starts it, until it says where it serves. */
function serve(argv: readonly string[], env: Readonly<Record<string, string>> = {}, weights = model) {
  const child = spawn(process.execPath, [bin, "--model", weights, "--device", "cpu", "--port", "0", ...argv], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  let said = "";
  return new Promise<{ port: number; said: () => string; stop(): Promise<number | null> }>((resolve, reject) => {
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk;
      const port = /serving .* at http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      const stop = () => {
        child.kill("SIGINT");
        return ended;
      };
      if (port !== undefined) resolve({ port: Number(port), said: () => said, stop });
    });
    void ended.then((code) => reject(new Error(`exit ${code}: ${said}`)));
  });
}

test("the weights in the box are named once; the folder of ensam-annotate in the environment is nothing to it", async () => {
  const open = await serve([], { ENSAM_SESSIONS: "/logs", ENSAM_SERVE_SESSIONS: "7" }, "builtin");
  expect(open.said().match(/^model: .*$/gm)).toEqual([expect.stringContaining("the weights of @ensam/weights")]);
  expect(open.said()).toContain("limits: 7 sessions");
  expect(await open.stop()).toBe(0);
});

test("it says what it uses, answers every protocol on one port, and ends at Ctrl-C; with a key the others are off", async () => {
  const [open, keyed] = await Promise.all([
    serve(["--sessions", "3"]),
    serve([], { ENSAM_API_KEY: "long-and-random" }),
  ]);
  const status = async (port: number, line: string) =>
    (await sendRaw(port, rawRequest(line, [], line.startsWith("POST") ? "" : undefined)))!.status;
  expect(open.said()).toContain(`model: ${model}`);
  expect(open.said()).toMatch(/device: .*\n/);
  expect(open.said()).toContain("serving SlicerNNInteractive 0.x, nnInteractive, MONAI Label, ITK-SNAP at");
  for (const line of ["GET /", "GET /healthz", "POST /claim", "GET /info/", "GET /status", "GET /v2/models"])
    expect(`${line} ${await status(open.port, line)}`).toBe(`${line} 200`);
  expect(keyed.said()).not.toContain("long-and-random");
  expect(await status(keyed.port, "GET /healthz")).toBe(200);
  expect(await status(keyed.port, "POST /claim")).toBe(401);
  for (const line of ["GET /", "GET /info/", "GET /status"]) expect(await status(keyed.port, line)).toBe(404);
  expect(await Promise.all([open.stop(), keyed.stop()])).toEqual([0, 0]);
});
