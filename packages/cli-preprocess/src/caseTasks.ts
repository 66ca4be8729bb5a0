import { type CheckedCase, type CheckTask, checkCase } from "./checkCase.ts";
import { type MadeCase, type MakeTask, makeCase } from "./makeCase.ts";

/** What can be done with one source, in this thread or in another. */
export type CaseTask = ({ readonly kind: "make" } & MakeTask) | ({ readonly kind: "check" } & CheckTask);
export type ResultOf<Task extends CaseTask> = Task extends { kind: "make" } ? MadeCase : CheckedCase;

export function runTask<Task extends CaseTask>(task: Task): Promise<ResultOf<Task>> {
  const done: Promise<MadeCase | CheckedCase> = task.kind === "make" ? makeCase(task) : checkCase(task);
  return done as Promise<ResultOf<Task>>;
}
