import { setImmediate as nextTurn } from "node:timers/promises";
import type { MessagePort } from "node:worker_threads";
import { describeError, exitCodeOf } from "../command/index.ts";
import { readSafetensorsIfThere } from "../files/index.ts";
import { findModel, loadModel, paperMaxVoxels, type Segmenter, trainedMaxVoxels } from "../inference/index.ts";
import { type Device, openDevice } from "../tensors/index.ts";
import { type LoggedSession, openLoggedSession } from "./loggedSession.ts";
import { hashOf, openSessionLog, type SessionHeader, type SessionLog } from "./sessionLog.ts";
import type { Opened, SessionImage, Started, ThreadReply, ThreadRequest, ThreadSettings } from "./threadMessages.ts";

/** The thread's side: requests in, replies out, one at a time. */
export function serveSessions(port: Pick<MessagePort, "on" | "postMessage">): void {
  const sessions = new Map<number, { readonly session: LoggedSession; readonly log?: SessionLog | undefined }>();
  let engine: (Started & { readonly segmenter: Segmenter; readonly opened: Device }) | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  async function answer(request: ThreadRequest, onStep: (done: number, all: number) => void): Promise<unknown> {
    switch (request.type) {
      case "start": {
        engine = await start(request.settings);
        const { segmenter: _, opened: __, ...started } = engine;
        return started satisfies Started;
      }
      case "open":
        return open(request.id, request.image, onStep);
      case "apply":
        return find(request.id).apply(request.event);
      case "report":
        return find(request.id).report();
      case "labels":
        return find(request.id).labels.data.slice();
      case "close": {
        const known = sessions.get(request.id);
        known?.session.dispose();
        sessions.delete(request.id);
        await known?.log?.close();
        return undefined;
      }
      case "stop":
        for (const { session, log } of sessions.values()) {
          session.dispose();
          await log?.close();
        }
        engine?.segmenter.dispose();
        engine?.opened.dispose();
    }
  }

  async function open(
    id: number,
    { image, spacing, header, log: path }: SessionImage,
    onStep: (done: number, all: number) => void,
  ): Promise<Opened> {
    const { segmenter, model, maxVoxels } = engine!;
    const wanted: SessionHeader = {
      type: "session",
      version: 1,
      ...header,
      shape: image.shape,
      greyLevels: hashOf(image.data),
      model,
      maxVoxels: header.maxVoxels ?? maxVoxels,
    };
    const log = path === undefined ? undefined : openSessionLog(path, wanted);
    // An old log's own settings: then its masks come out again.
    const used = log?.header ?? wanted;
    try {
      const options = { ...used, spacing, pause: nextTurn };
      const session = await openLoggedSession(segmenter, image, options, log, onStep);
      sessions.set(id, { session, log });
    } catch (error) {
      await log?.close();
      throw error;
    }
    const notes = [...(log?.notes ?? [])];
    if (used.model !== model) notes.push(`${path}: made with the model ${used.model}; masks may differ now`);
    const events = log?.events ?? [];
    return { header: used, notes, lastEvent: events.at(-1)?.n ?? 0, restored: events.length };
  }

  function find(id: number): LoggedSession {
    const known = sessions.get(id);
    if (known === undefined) throw new Error(`session ${id}: expected one that is open`);
    return known.session;
  }

  port.on("message", ({ call, request }: { call: number; request: ThreadRequest }) => {
    queue = queue.then(async () => {
      const send = (reply: ThreadReply) => port.postMessage(reply);
      try {
        send({ call, value: await answer(request, (done, all) => send({ call, step: [done, all] })) });
      } catch (error) {
        const isRefusal = (error as Error).name === "EventError";
        send({ call, error: { isRefusal, message: describeError(error), exitCode: exitCodeOf(error) } });
      }
    });
  });
}

async function start({ model, device, deviceOptions }: ThreadSettings) {
  const stored = findModel(model, readSafetensorsIfThere);
  const opened = await openDevice(device, deviceOptions);
  return {
    segmenter: loadModel(stored.values, stored.config),
    opened,
    device: opened.description,
    model: stored.path,
    config: stored.config,
    isGpu: opened.gpu !== undefined && !opened.gpu.isSoftware,
    maxVoxels: trainedMaxVoxels(stored.metadata) ?? paperMaxVoxels,
  };
}
