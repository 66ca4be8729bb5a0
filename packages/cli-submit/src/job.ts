import { type Context, InputError, type JobRow, readRows, UsageError } from "@ensam/core/command";

/** A job and where its row stands. */
export interface Job extends JobRow {
  readonly place: string;
}

/**
 * Reads job rows in the order in which they can be submitted.
 *
 * @throws InputError for a name twice, a job that waits for one that does not stand above it, and pairs of arrays of
 *   different size
 */
export async function readJobs(context: Context<object>): Promise<Job[]> {
  const jobs = new Map<string, Job>();
  for await (const { row, origin } of readRows(context, context.positionals, ["job"])) {
    const place = `${origin.file}:${origin.line}`;
    if (jobs.has(row.job)) {
      throw new InputError(
        `${place}: job: expected a name of its own, got ${row.job} as in ${jobs.get(row.job)!.place}`,
      );
    }
    for (const name of row.after ?? []) {
      const before = jobs.get(name);
      if (before === undefined) {
        throw new InputError(`${place}: after: expected the name of a job above, got ${JSON.stringify(name)}`);
      }
      if (row.pairwise === true && (row.shards ?? 0) !== (before.shards ?? 0)) {
        const [ours, theirs] = [row, before].map(({ shards }) => shards ?? "none");
        throw new InputError(`${place}: pairwise: expected as many shards as ${name} has, got ${ours} after ${theirs}`);
      }
    }
    if (row.shards === undefined && /\{(rank|shard)\}/.test(row.command)) {
      throw new InputError(`${place}: command: expected shards beside it for {rank} or {shard}, got none`);
    }
    if (row.shards !== undefined && !/\{(rank|shard)\}/.test(row.command)) {
      throw new InputError(
        `${place}: command: expected {shard} or {rank} in it, got none: all ${row.shards} tasks would do the same`,
      );
    }
    jobs.set(row.job, { ...row, place });
  }
  if (jobs.size === 0) throw new UsageError("expected at least one job row, got none");
  return [...jobs.values()];
}
