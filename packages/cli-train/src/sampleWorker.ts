import { parentPort } from "node:worker_threads";
import { prepareSample, type SampleRequest } from "./prepareSample.ts";
import type { WorkerReply } from "./samplePool.ts";

/** The thread's side of a sample pool: a request in, a sample or an error's text out. */
parentPort?.on("message", async (request: SampleRequest) => {
  try {
    const sample = await prepareSample(request);
    const reply: WorkerReply = { sample };
    parentPort?.postMessage(reply, [sample.volume.buffer as ArrayBuffer, sample.target.buffer as ArrayBuffer]);
  } catch (error) {
    const reply: WorkerReply = { error: error instanceof Error ? error.message : String(error) };
    parentPort?.postMessage(reply);
  }
});
