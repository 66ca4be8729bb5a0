import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeSafetensors } from "@ensam/core/files";
import { minuteConfig, minuteModel } from "@ensam/core/inference/testing";
import { type SessionThread, startSessionThread } from "@ensam/core/sessionThread";
import { protocolsOf } from "../protocols.ts";
import type { ServedSettings } from "../servedSettings.ts";
import { serveViewers, type ViewerServer } from "../server.ts";
import { openSlots, type Slots } from "../slots.ts";

export interface TestServer extends ViewerServer {
  readonly slots: Slots;
  readonly thread: SessionThread;
}

/** The server with an untrained model, in the compiled thread (Node 20 runs no TypeScript). */
export async function testServer(
  names: readonly string[],
  {
    sessions = 4,
    requestMilliseconds,
    ...more
  }: Partial<ServedSettings> & { sessions?: number; requestMilliseconds?: number } = {},
): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), "ensam-test-"));
  const model = join(folder, "net.safetensors");
  await writeSafetensors(model, minuteModel(0) as never, { config: JSON.stringify(minuteConfig) });
  const worker = new URL("../../../ensam-core/dist/sessionThread/sessionWorker.js", import.meta.url);
  const thread = await startSessionThread({ model, device: "wasm", deviceOptions: { threads: 1 } }, worker);
  await rm(folder, { recursive: true, force: true });
  const slots = openSlots(sessions, 600_000);
  const settings = { thread, slots, imageBytes: 2 ** 20, cropWithoutBox: 4, ...more };
  const protocols = protocolsOf(names, settings);
  const server = await serveViewers({
    host: "127.0.0.1",
    port: 0,
    bodyBytes: 2 ** 22,
    protocols,
    ...(requestMilliseconds && { requestMilliseconds }),
  });
  return {
    ...server,
    slots,
    thread,
    async close() {
      await server.close();
      slots.close();
      await thread.close();
    },
  };
}
