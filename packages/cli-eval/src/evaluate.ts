import {
  type Context,
  exitCodes,
  type FailureRow,
  forEachCase,
  InputError,
  namedInputs,
  noCases,
  overwriteCheck,
  type PredictionRow,
  parseShard,
  plainText,
  type RowOrigin,
  refuseSameOutputs,
  resolvePath,
  type ScoreRow,
  tightenHeap,
  UsageError,
} from "@ensam/core/command";
import { readChallengeCase, spacingDoubts, withDataFiles } from "@ensam/core/files";
import type { Zyx } from "@ensam/core/voxels";
import { compareModels } from "./compareModels.ts";
import type { Evaluation, Picturable } from "./evaluation.ts";
import type { EvalOptions, ScoreRules } from "./options.ts";
import { readItems, refuseRepeats, type ScoreItem } from "./readItems.ts";
import { scoreColumns } from "./scoreColumns.ts";
import { openScorer } from "./scorer.ts";
import { summarize } from "./summarize.ts";
import { asksForFiles, checkFiles, terminalTables, writeFiles } from "./writeTables.ts";

/**
 * Scores what comes in, writes rows, then summaries and the files asked for; returns the exit code.
 *
 * @throws InputError, before any file is written, when no case could be scored
 */
export async function evaluate(context: Context<EvalOptions>, command: string): Promise<number> {
  const { tolerance, spacing, timeLimit, compare, seed, jobs, figures, figureCases } = context.options;
  const rules: ScoreRules = { tolerance, spacing, timeLimit };
  const showsRows = !context.streams.outputIsTty;
  if (asksForFiles(context.options)) context.rows.outlastReader();
  const { csv, report, markdown, latex } = context.options;
  refuseSameOutputs({ "--csv": csv, "--report": report, "--markdown": markdown, "--latex": latex });
  const refuseOverwriting = overwriteCheck([csv, report, markdown, latex].filter((path) => path !== undefined));
  const inputs = namedInputs(context);
  refuseOverwriting(inputs);
  await checkFiles(context);
  if (figureCases.length > 0 && figures === undefined)
    throw new UsageError("--figure-cases: expected --figures FOLDER beside it, got none");
  tightenHeap();
  const columns = scoreColumns({ exact: csv !== undefined });
  const { items, notes } = readItems(context, columns.hasCase);
  const pictures = new Map<string, Picturable>();
  const known = knownScores();
  const failures: FailureRow[] = [];
  const refuseRepeat = refuseRepeats(columns.has);
  const scorer = openScorer(jobs);

  const work = async (item: ScoreItem) => {
    const { row } = item;
    refuseRepeat(row);
    if (row.type === "score") {
      columns.add(row);
      known.add(row);
      return showsRows ? row : undefined;
    }
    const files = filesOf(item.origin, row);
    if (columns.has(row.model, row.case)) {
      const before = known.get(row);
      if (before !== undefined) pictures.set(keyOf(row), { score: before, row, ...files });
      return undefined;
    }
    const scored = await score(row, files);
    columns.add(scored);
    pictures.set(keyOf(row), { score: scored, row, ...files });
    return showsRows ? scored : undefined;
  };
  const score = async (row: PredictionRow, { npz, prediction, truth }: ScoredFiles): Promise<ScoreRow> => {
    const read = await withDataFiles([npz, prediction, truth]);
    refuseOverwriting(read);
    inputs.push(...read);
    for (const doubt of spacingDoubts(row.spacing, await spacingIn(npz))) context.log.warn(`${row.case}: ${doubt}`);
    const scored = await scorer.score({ row, npz, prediction, truth, rules });
    for (const warning of scored.warnings) context.log.warn(`${row.case}: ${warning}`);
    return scored.row;
  };
  const onDone = ({ row }: ScoreItem, error: unknown) => {
    if (error !== undefined) failures.push({ type: "failure", case: row.case, stage: "eval", error: messageOf(error) });
  };

  const tally = await forEachCase(context, items, { onDone, mayBeEmpty: true }, work).finally(() => scorer.close());
  let { exitCode } = tally;
  if ((parseShard(context.options.shard ?? "1/1")?.index ?? 1) === 1) {
    for (const { case: name } of notes.missing()) {
      const failure: FailureRow = {
        type: "failure",
        case: name,
        stage: "eval",
        error: "expected a prediction, got none",
      };
      context.log.warn(`${name}: ${failure.error}`);
      await context.rows.write(failure);
      failures.push(failure);
      exitCode = exitCodes.someFailed;
    }
  }

  const scores = columns.sorted();
  if (scores.length === 0) {
    const failed = failures.length + notes.failures.length;
    if (failed > 0) throw new InputError(`expected at least one case that can be scored, got ${failed} that failed`);
    if (tally.seen === 0) throw noCases(context);
    context.note(`${context.name}: none of ${tally.seen} cases is in this shard: nothing is written`);
    return exitCode;
  }
  const summaries = summarize(scores, seed);
  if (showsRows) for (const summary of summaries) await context.rows.write(summary);
  const evaluation = {
    scores,
    summaries,
    failures: [...notes.failures, ...failures],
    comparisons: compare.length === 0 ? [] : compareModels(scores, compare, seed),
    compared: compare,
    picturable: pictures.size === 0 ? [] : Array.from(scores, (score) => pictures.get(keyOf(score)) ?? []).flat(),
    rules,
    seed,
    command,
  };
  await writeFiles(context, evaluation, inputs);
  await showTable(context, evaluation);
  return exitCode;
}

/** Where the files of a prediction are, as absolute paths. */
type ScoredFiles = Pick<Picturable, "npz" | "prediction" | "truth">;

function filesOf(origin: RowOrigin, row: PredictionRow): ScoredFiles {
  const [npz, prediction, truth] = [row.npz, row.prediction, row.truth].map((path) => resolvePath(origin, path));
  return { npz: npz!, prediction: prediction!, truth: truth! };
}

function keyOf({ model, case: name }: Pick<ScoreRow, "model" | "case">): string {
  return `${model}\n${name}`;
}

/** Score rows that came, whole, for pictures of their predictions; of very many none is kept. */
function knownScores() {
  const rows = new Map<string, string>();
  let count = 0;
  return {
    add(row: ScoreRow): void {
      count += 1;
      if (count <= mostKept) rows.set(keyOf(row), JSON.stringify(row));
      else if (rows.size > 0) rows.clear();
    },
    get(row: PredictionRow): ScoreRow | undefined {
      const text = rows.get(keyOf(row));
      return text === undefined ? undefined : (JSON.parse(text) as ScoreRow);
    },
  };
}

/** Score rows with their objects take a kilobyte or more each. */
const mostKept = 20_000;

async function showTable({ streams, options, rows }: Context<EvalOptions>, evaluation: Evaluation): Promise<void> {
  if (!streams.outputIsTty && !options.table) return;
  const table = plainText(terminalTables(evaluation, streams.columns));
  if (streams.outputIsTty) await rows.writeText(table);
  else streams.error.write(table);
}

/** The voxel size in a case's npz, which need not be there any more. */
async function spacingIn(npz: string): Promise<Zyx | undefined> {
  try {
    return (await readChallengeCase(npz, ["spacing"])).spacing;
  } catch {
    return undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
