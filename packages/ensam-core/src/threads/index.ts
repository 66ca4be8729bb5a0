export { serveRequests } from "./serveRequests.ts";
export { openWorkerPool, type PoolOptions, type WorkerPool } from "./workerPool.ts";
