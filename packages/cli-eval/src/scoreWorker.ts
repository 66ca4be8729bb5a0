import { parentPort } from "node:worker_threads";
import { describeError } from "@ensam/core/command";
import { type ScoreRequest, scoreCase } from "./scoreCase.ts";
import type { ScorerReply } from "./scorer.ts";

parentPort?.on("message", async (request: ScoreRequest) => {
  let reply: ScorerReply;
  try {
    reply = await scoreCase(request);
  } catch (error) {
    reply = { error: describeError(error) };
  }
  parentPort?.postMessage(reply);
});
