import { parentPort } from "node:worker_threads";
import { serveSessions } from "./serveSessions.ts";

if (parentPort) serveSessions(parentPort);
