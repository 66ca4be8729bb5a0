import type { FailureRow, Row } from "../rows/index.ts";
import type { Context } from "./context.ts";
import { describeError, exitCodeOf, isFullOrReadOnly } from "./errorReport.ts";
import { exitCodes, InputError, Interrupted, ReaderLeft, UsageError } from "./errors.ts";
import { isInShard, parseShard, type Shard } from "./shard.ts";

export interface CaseLoop<Item> {
  /** Cases worked on at once. @default the option `jobs`, or 1 */
  readonly jobs?: number;
  /** Which cases to take. @default the option `shard`, or all */
  readonly shard?: Shard | string;
  /** Name of the stage in failure rows. @default the command's name without "ensam-" */
  readonly stage?: string;
  /** Name of a case in failure rows. @default item.row.case, else item.case */
  readonly nameOf?: (item: Item) => string;
  /** Number of cases of all shards, for the progress display; perhaps known later. @default the length of a list, else unknown */
  readonly total?: Promise<number | undefined>;
  /** Told after each case, in order; for reports. */
  readonly onDone?: (item: Item, error: unknown) => void;
  /** Whether an input without any case is for the caller to judge. @default false: it is an InputError */
  readonly mayBeEmpty?: boolean;
}

export interface CaseTally {
  readonly done: number;
  readonly failed: number;
  /** Cases of the input, those of other shards included. */
  readonly seen: number;
  /** 0 if all were done, 1 if some failed, 3 if all failed. */
  readonly exitCode: number;
}

/**
 * Works on cases, `jobs` at once, and writes the rows each returns in the order of the input, whatever `jobs` is.
 * A case that fails becomes a failure row and a line on the error stream, and the others go on. Errors that no other
 * case would survive (device, memory, usage, a full disk, a reader that left) end the loop with that error, after the
 * cases that run. The first signal ends it in the same way, with `Interrupted`.
 *
 * @throws InputError when the input holds no case at all
 */
export async function forEachCase<Item>(
  context: Context<object>,
  items: Iterable<Item> | AsyncIterable<Item>,
  loop: CaseLoop<Item>,
  work: (item: Item, position: number) => Promise<readonly Row[] | Row | undefined>,
): Promise<CaseTally> {
  const { jobs, shard, stage, nameOf } = resolveLoop(context, loop);
  const progress = context.progress(totalOf(items, shard), "cases");
  void loop.total?.then((total) => {
    if (total !== undefined) progress.expect(countOfShard(total, shard));
  });
  const output = orderedOutput();
  let [running, done, failed, position] = [0, 0, 0, 0];
  let fatal: unknown;
  let interrupted = false;
  let passed = 0;

  const succeed = (item: Item, result: readonly Row[] | Row | undefined) => async () => {
    for (const row of result === undefined ? [] : "type" in result ? [result] : result) await context.rows.write(row);
    done += 1;
    loop.onDone?.(item, undefined);
    progress.advance(1, nameOf(item));
  };
  const fail = (item: Item, error: unknown) => async () => {
    const row: FailureRow = { type: "failure", case: nameOf(item), stage, error: describeError(error) };
    const isNamed = row.error.startsWith(`${row.case}: `);
    context.log.warn(isNamed ? row.error : `${row.case}: ${row.error}`);
    if (error instanceof Error) context.log.debug(error.stack ?? "");
    await context.rows.write(row);
    failed += 1;
    loop.onDone?.(item, error);
    progress.advance(1, row.case);
  };
  const start = async (item: Item, index: number): Promise<() => Promise<void>> => {
    running += 1;
    try {
      return succeed(item, await work(item, index));
    } catch (error) {
      if (endsEverything(error)) fatal ??= error;
      return error instanceof ReaderLeft ? async () => {} : fail(item, error);
    } finally {
      running -= 1;
      output.wake();
    }
  };
  const ended = (): boolean => interrupted || fatal !== undefined || output.error() !== undefined;

  const restoreFailures = context.divertFailures(async (row) => {
    passed += 1;
    output.add(Promise.resolve(() => context.rows.write(row)));
  });
  const stopListening = context.streams.onSignal?.(() => {
    interrupted = true;
    output.wake();
    context.log.warn("stopping after the cases that run (again to stop at once)");
  });
  // A bounded lead, so that one slow case does not pile up the results of the others in memory.
  const maxWaiting = jobs === 1 ? 1 : 4 * jobs;
  try {
    for await (const item of items) {
      if (ended()) break;
      const index = position++;
      if (!isInShard(index, shard)) continue;
      while (!ended() && (running >= jobs || output.waiting() >= maxWaiting)) await output.change();
      if (ended()) break;
      output.add(start(item, index));
    }
  } finally {
    await output.finished();
    stopListening?.();
    restoreFailures();
    progress.done();
  }
  const error = output.error() ?? fatal;
  if (error !== undefined) throw error;
  if (interrupted) throw new Interrupted(`stopped after ${done + failed} cases; run the same command again to go on`);
  if (position === 0 && loop.mayBeEmpty !== true) throw noCases(context, passed);
  if (failed > 0) context.log.warn(`${failed} of ${done + failed} cases failed`);
  return { done, failed, seen: position, exitCode: exitCodeOfTally(done, failed) };
}

function exitCodeOfTally(done: number, failed: number): number {
  if (failed === 0) return exitCodes.done;
  return done === 0 ? exitCodes.input : exitCodes.someFailed;
}

/** The one answer of every command to an input without cases; `failures` came down the pipe instead. */
export function noCases({ positionals }: Pick<Context<object>, "positionals">, failures = 0): InputError {
  const where = positionals.filter((file) => file !== "-").join(", ") || "stdin";
  return new InputError(
    `${where}: expected at least one case, got ${failures > 0 ? `${failures} failed ones` : "none"}`,
  );
}

/** A queue of writes that happen in the order they were added, each as soon as it and all before it are ready. */
function orderedOutput() {
  let [tail, waiting, wake] = [Promise.resolve(), 0, () => {}];
  let error: unknown;
  return {
    add(ready: Promise<() => Promise<void>>): void {
      waiting += 1;
      tail = tail
        .then(async () => {
          const write = await ready;
          if (error === undefined) await write();
        })
        .catch((caught: unknown) => {
          error ??= caught;
        })
        .then(() => {
          waiting -= 1;
          wake();
        });
    },
    waiting: () => waiting,
    error: () => error,
    /** Resolves at the next change of anything the loop waits for. */
    change: () =>
      new Promise<void>((resolve) => {
        wake = resolve;
      }),
    wake: () => wake(),
    finished: () => tail,
  };
}

function endsEverything(error: unknown): boolean {
  const code = exitCodeOf(error);
  return (
    error instanceof ReaderLeft ||
    error instanceof UsageError ||
    isFullOrReadOnly(error) ||
    code === exitCodes.device ||
    code === exitCodes.memory ||
    code === exitCodes.interrupted
  );
}

function resolveLoop<Item>(context: Context<object>, loop: CaseLoop<Item>) {
  const options = context.options as { jobs?: number; shard?: string };
  const shard = loop.shard ?? options.shard;
  return {
    jobs: loop.jobs ?? options.jobs ?? 1,
    shard: typeof shard === "string" ? parseShard(shard) : shard,
    stage: loop.stage ?? context.name.replace(/^ensam-/, ""),
    nameOf: loop.nameOf ?? nameOfItem,
  };
}

function nameOfItem(item: unknown): string {
  const { row, case: name } = item as { row?: { case?: unknown }; case?: unknown };
  return String(row?.case ?? name ?? "?");
}

function countOfShard(total: number, shard: Shard | undefined): number {
  return shard === undefined ? total : Math.max(0, Math.ceil((total - shard.index + 1) / shard.count));
}

function totalOf(items: unknown, shard: Shard | undefined): number | undefined {
  if (!Array.isArray(items)) return undefined;
  return countOfShard(items.length, shard);
}
