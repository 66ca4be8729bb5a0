import { describeError } from "@ensam/core/command";
import { serveRequests } from "@ensam/core/threads";
import { type ScoredCase, type ScoreRequest, scoreCase } from "./scoreCase.ts";

serveRequests<ScoreRequest, ScoredCase>((request) =>
  scoreCase(request).catch((error: unknown) => {
    throw new Error(describeError(error));
  }),
);
