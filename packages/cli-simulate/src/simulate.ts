import {
  type CaseRow,
  type Context,
  countAhead,
  ensureFolder,
  forEachCase,
  InputError,
  modelOrBuiltin,
  namedInputs,
  overwriteCheck,
  type PredictionRow,
  type ReadRow,
  readRows,
  rebaseRow,
  resolvePath,
  UsageError,
  writtenPath,
} from "@ensam/core/command";
import { removeTemporaryFiles } from "@ensam/core/files";
import { containerPredictor } from "./containerPredictor.ts";
import type { SimulateOptions } from "./options.ts";
import type { Predictor } from "./predictor.ts";
import {
  originOf,
  type PredictionFacts,
  type PredictionPaths,
  predictionPaths,
  refuseForeign,
  savePrediction,
  upToDate,
} from "./savedPrediction.ts";
import { readSimulatedCase, truthPathOf } from "./simulatedCase.ts";

/** Plays the challenge on every case row, writes predictions, and returns the exit code. */
export async function simulate(context: Context<SimulateOptions>): Promise<number> {
  const { options } = context;
  const asked = askedPredictor(context);
  if (options.exclusive && asked !== undefined) {
    throw new UsageError(
      "--exclusive: expected --model beside it (a predictor gets the prompts as they are), got --predictor",
    );
  }
  context.rows.outlastReader(); // The predictions are what was asked for.
  await ensureFolder(options.output);
  await removeTemporaryFiles(options.output);
  const predictor = await openPredictor(context, asked);
  if (options.jobs > predictor.jobs) context.note(`--jobs: --model works on one case at a time, not ${options.jobs}`);
  const names = new Set<string>();
  try {
    const { streams, total } = countAhead(context.streams, context.positionals, "case");
    const rows = readRows({ ...context, streams }, context.positionals, ["case"]);
    const tally = await forEachCase(context, rows, { jobs: predictor.jobs, total }, (item) =>
      predictCase(context, predictor, item, names),
    );
    return tally.exitCode;
  } finally {
    predictor.dispose();
  }
}

/**
 * The command of --predictor, where it is what predicts: a flag goes before ENSAM_MODEL, as before any variable.
 *
 * @throws UsageError where model and predictor are asked for in the same place
 */
function askedPredictor({ options: { model, predictor }, origins }: Context<SimulateOptions>): string | undefined {
  if (model === undefined || predictor === undefined) return predictor;
  if (origins.model === origins.predictor) {
    const where = origins.model === "flag" ? "" : ` from the ${origins.model}`;
    throw new UsageError(`expected one of --model and --predictor, got both${where}`);
  }
  const first = (["flag", "environment", "config"] as const).find((origin) =>
    [origins.model, origins.predictor].includes(origin),
  );
  return origins.predictor === first ? predictor : undefined;
}

async function openPredictor(context: Context<SimulateOptions>, asked: string | undefined): Promise<Predictor> {
  if (asked !== undefined) return containerPredictor(context, asked);
  const { path } = await modelOrBuiltin(context, context.options.model);
  const { modelPredictor } = await import("./modelPredictor.ts"); // The engine takes time to load.
  return modelPredictor(context, path);
}

async function predictCase(
  context: Context<SimulateOptions>,
  predictor: Predictor,
  { row, origin }: ReadRow<"case">,
  names: Set<string>,
): Promise<PredictionRow> {
  const { options } = context;
  if (names.has(row.case)) throw new InputError(`${row.case}: expected each case once, got this name again`);
  names.add(row.case);
  const npz = resolvePath(origin, row.npz);
  const truth = truthPathOf(npz, options.truth);
  const paths = predictionPaths(options.output, row.case);
  overwriteCheck(Object.values(paths))([...namedInputs(context), ...predictor.files, npz, truth]);
  const { boxes, boxShift, seed } = options;
  const settings = { boxes, boxShift: boxShift ?? null, seed, modality: row.modality };
  const made = await originOf({ ...predictor.identity, ...settings }, [npz, truth]);
  const saved = options.overwrite ? undefined : await upToDate(paths, made);
  const facts = saved ?? (await simulateAndSave(context, predictor, row, npz, paths, made));
  const kept = rebaseRow(row, origin, options.relative);
  const shown = (path: string) => writtenPath(path, options.relative);
  return {
    ...kept,
    ...(facts as Pick<PredictionRow, "seconds" | "hasBox" | "clicks" | "boxes">),
    type: "prediction",
    model: predictor.name,
    ...(predictor.sha256 !== undefined && { modelSha256: predictor.sha256 }),
    ...(predictor.crops !== undefined && { crops: predictor.crops }),
    prediction: shown(paths.npz),
    truth: shown(truth),
  };
}

async function simulateAndSave(
  context: Context<SimulateOptions>,
  predictor: Predictor,
  row: CaseRow,
  npz: string,
  paths: PredictionPaths,
  made: Readonly<Record<string, unknown>>,
): Promise<PredictionFacts> {
  const { overwrite } = context.options;
  await refuseForeign(paths, overwrite);
  const item = await readSimulatedCase(row, npz, context.options);
  for (const warning of item.warnings) context.log.warn(`${row.case}: ${warning}`);
  const isCounted = item.labels.every((label, index) => label === index + 1);
  if (askedPredictor(context) !== undefined && !isCounted && !context.options.renumber) {
    context.log.info(
      `${row.case}: labels ${item.labels.join(", ")} are not 1 to ${item.labels.length}; most challenge programs write 1, 2, ... (--renumber turns these into the labels)`,
    );
  }
  const simulation = await predictor.simulate(item);
  return savePrediction(paths, made, simulation, overwrite);
}
