import type { UserConsoleLog } from "vitest";
import { DotReporter } from "vitest/node";

/**
 * Vitest's dots, quiet while tests pass: what they print is held back. At the end comes, once each, what tests said
 * they did not try here (a sample or a device that is missing); if something failed, all that was printed.
 */
export default class QuietReporter extends DotReporter {
  private readonly logs: UserConsoleLog[] = [];

  override onUserConsoleLog(log: UserConsoleLog): void {
    this.logs.push(log);
  }

  override onTestRunEnd(...result: Parameters<DotReporter["onTestRunEnd"]>): void {
    const [, , reason] = result;
    if (reason !== "passed") for (const log of this.logs) super.onUserConsoleLog(log);
    super.onTestRunEnd(...result);
    if (reason === "passed") for (const line of remarks(this.logs)) this.log(line);
  }
}

/** The distinct first lines of what passing tests printed on standard output, with how often each came. */
export function remarks(logs: readonly Pick<UserConsoleLog, "type" | "content">[]): string[] {
  const counts = new Map<string, number>();
  for (const { type, content } of logs) {
    const line = content.trim().split("\n")[0]!;
    if (type === "stdout" && line !== "") counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [...counts].map(([line, count]) => (count === 1 ? `  ${line}` : `  ${line} (${count} times)`));
}
