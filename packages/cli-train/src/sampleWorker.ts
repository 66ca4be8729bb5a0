import type { Sample } from "@ensam/core/samples";
import { serveRequests } from "@ensam/core/threads";
import { prepareSample, type SampleRequest } from "./prepareSample.ts";

serveRequests<SampleRequest, Sample>(prepareSample, ({ volume, target }) => [
  volume.buffer as ArrayBuffer,
  target.buffer as ArrayBuffer,
]);
