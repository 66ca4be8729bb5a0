import { parentPort } from "node:worker_threads";
import { describeError, exitCodeOf } from "@ensam/core/command";
import type { CaseReply } from "./casePool.ts";
import { type CaseTask, runTask } from "./caseTasks.ts";

/** The thread's side of a pool: a task in, its result or an error in words out. */
parentPort?.on("message", async (task: CaseTask) => {
  try {
    parentPort?.postMessage({ result: await runTask(task) } satisfies CaseReply);
  } catch (error) {
    const { code, cause } = error as NodeJS.ErrnoException & { cause?: NodeJS.ErrnoException };
    const reply = { message: describeError(error), exitCode: exitCodeOf(error), code: code ?? cause?.code };
    parentPort?.postMessage({ error: reply } satisfies CaseReply);
  }
});
