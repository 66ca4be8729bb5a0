import { freemem } from "node:os";
import { CommandError, exitCodes } from "./errors.ts";

/** Bytes that something will take, by what they are for. */
export type MemoryParts = Readonly<Record<string, number>>;

const mebibyte = 2 ** 20;

/** Bytes that this process can still take: what the machine has free, within the control group's limit where one is set. */
export function freeMemory(): number {
  const limit = process.constrainedMemory() ?? 0;
  // Without a limit it is 0, or a number beyond any machine.
  const left = limit > 0 && limit < 2 ** 53 ? limit - process.memoryUsage.rss() : Number.POSITIVE_INFINITY;
  return Math.max(0, Math.min(left, freemem()));
}

/**
 * @param where  what needs it
 * @param free   bytes that there are
 * @throws CommandError with the exit code of memory: `where: expected N MiB of free memory (for what), got M MiB`
 */
export function expectFreeMemory(where: string, parts: MemoryParts, free = freeMemory()): void {
  const needed = Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);
  if (needed <= free) return;
  const words = Object.entries(parts).map(([name, bytes]) => `${name} ${Math.ceil(bytes / mebibyte)}`);
  throw new CommandError(
    `${where}: expected ${Math.ceil(needed / mebibyte)} MiB of free memory (${words.join(", ")}), got ${Math.floor(free / mebibyte)} MiB`,
    exitCodes.memory,
  );
}
