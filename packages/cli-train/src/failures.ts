import type { Context } from "@ensam/core/command";
import type { RunLog } from "./runLog.ts";

/** Cases that gave nothing. */
export interface Failures {
  /** Says once what is wrong with a case, not in every epoch. */
  add(name: string, stage: "sample" | "validation", error: string): Promise<void>;
  count(): number;
}

export function openFailures(context: Context<object>, log: RunLog): Failures {
  const failed = new Set<string>();
  return {
    count: () => failed.size,
    async add(name, stage, error) {
      if (failed.has(name)) return;
      failed.add(name);
      context.log.warn(`${stage === "sample" ? "" : `${stage}: `}${error}`);
      await log.write({ type: "failure", case: name, stage, error });
    },
  };
}
