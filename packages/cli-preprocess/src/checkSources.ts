import { type CheckRow, type Context, exitCodes, forEachCase, InputError, rebaseRow } from "@ensam/core/command";
import { openCasePool } from "./casePool.ts";
import { type SetMember, setProblems } from "./checkSet.ts";
import { checkTable } from "./checkTable.ts";
import { sourceOf } from "./makeCase.ts";
import type { PreprocessOptions } from "./options.ts";
import { readSources } from "./prepareSources.ts";
import { startThroughput } from "./throughput.ts";

/**
 * Reads every source and makes nothing: a row for each with what is wrong in it, then a row for each that does not go
 * with the others, then a table on the error stream. Exit code 1 if anything is wrong.
 */
export async function checkSources(context: Context<PreprocessOptions>): Promise<number> {
  const { options } = context;
  const items = await readSources(context);
  const pool = openCasePool(options.jobs);
  const throughput = startThroughput();
  const members: SetMember[] = [];
  const rows: CheckRow[] = [];
  const tally = await forEachCase(context, items, {}, async ({ row, origin, problem }, position) => {
    if (problem !== undefined) throw new InputError(problem);
    const checked = await pool.run({ kind: "check", row, origin, options: { ...options } });
    members[position] = { row, imagePath: sourceOf({ row, origin }).imagePath, checked };
    const { problems, shape, spacing, axes, labels } = checked;
    const { case: name, modality, dataset, image, label } = rebaseRow(row, origin, options.relative);
    return {
      type: "check",
      about: "case",
      case: name,
      modality,
      dataset,
      image,
      label,
      shape,
      spacing,
      axes,
      labels: labels ?? {},
      problems: [...problems],
    };
  }).finally(pool.close);
  const known = members.filter((member) => member !== undefined); // Others failed, or were left to another shard.
  for (const [position, problems] of setProblems(known)) {
    const { case: name, modality, dataset } = known[position]!.row;
    const row: CheckRow = { type: "check", about: "set", case: name, modality, dataset, labels: {}, problems };
    rows.push(row);
    await context.rows.write(row);
  }
  const found = known.map(({ row, checked }): CheckRow => {
    const { case: name, modality, dataset } = row;
    return { type: "check", about: "case", case: name, modality, dataset, labels: {}, problems: [...checked.problems] };
  });
  for (const line of checkTable([...found, ...rows], known.length, tally.failed)) context.log.info(line);
  const rate = throughput(known.length + tally.failed, options.jobs);
  if (rate !== undefined) context.note(rate);
  const isWrong = [...found, ...rows].some(({ problems }) => problems.length > 0);
  return tally.exitCode === exitCodes.done && isWrong ? exitCodes.someFailed : tally.exitCode;
}
